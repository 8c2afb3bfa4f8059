#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace klbench {

/// Whether a file ends as its format (png, svg, pdf) does: gnuplot does not say when a disk is full.
bool is_whole(std::string_view bytes, const std::string& format);

/// A PDF without the time of its making: the date that Cairo writes becomes that of SOURCE_DATE_EPOCH, else 1970. A
/// date within a compressed stream stays.
std::string with_fixed_date(std::string pdf);

/// The bytes of a PDF file with a fixed date. Where a compressed stream hides it (Cairo from 1.18 on), qpdf opens the
/// stream; it writes beside `file`. Without qpdf the date stays.
std::string read_with_fixed_date(const std::filesystem::path& file);

/// A PNG that says its pixels an inch (chunk pHYs).
std::string with_resolution(std::string png, int dpi);

}  // namespace klbench

#pragma once

#include <string>
#include <string_view>

namespace klbench {

/// Throws UsageError naming the format of `bytes` and the command that makes text in UTF-8 of it, where they begin like
/// something else: UTF-16 and UTF-32 (UTF-16 without a byte order mark too), packed files and archives, PDF, HDF5, or
/// the placeholder of a file that Git LFS keeps elsewhere. Gzip passes, since it is read; `unpacked`: the bytes came
/// out of it.
void refuse_foreign_format(std::string_view bytes, const std::string& file, bool unpacked = false);

/// What to do about a text that is not valid UTF-8: the command that converts it from the 8-bit encoding it seems to
/// have, or says that a few bytes of it are damaged.
std::string encoding_advice(std::string_view text, const std::string& file);

}  // namespace klbench

#pragma once

#include <string>
#include <string_view>

namespace klbench {

/// Content of a data file; throws UsageError naming the path where it cannot be read, is no regular file (a pipe, a
/// device, a folder), or lies where every process finds something else (/dev/stdin, /dev/fd/63).
std::string read_source(const std::string& path);

/// Whether a file is gzip, by its first bytes or by its name.
bool is_packed(std::string_view bytes, const std::string& file);

/// The content of `file` unpacked, where it is gzip (several members are joined). Throws UsageError for a gzip that is
/// cut, corrupt, followed by other data, or over 4 GiB unpacked.
std::string unpacked(std::string bytes, const std::string& file);

}  // namespace klbench

#pragma once

#include <filesystem>
#include <string_view>

namespace klbench {

/// Adds `bytes` to the end of a file in one write(2) unless the system takes less, so that they survive a power loss,
/// as does the file, which is made where it is not there, with its folders. A kill may tear what is added: readers must
/// find that out, and who adds the next line begins it anew. Throws Error.
void append_durably(const std::filesystem::path& path, std::string_view bytes);

}  // namespace klbench

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace klbench {

/// Whole content of a file; throws Error naming the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Publishes `bytes` at `path` so that a reader, a kill or a power loss sees the old file or the whole new one:
/// unique temporary in the same folder, write, fsync, rename, fsync of the folder. Creates missing folders.
/// Throws Error naming the path and the system's reason, and removes the temporary.
void write_file_durably(const std::filesystem::path& path, std::string_view bytes);

/// XXH3-128 as 32 hexadecimal digits.
std::string content_hash(std::string_view bytes);
std::string file_hash(const std::filesystem::path& path);

/// Folder for caches and scratch that may be deleted at any time: $XDG_CACHE_HOME/klbench or ~/.cache/klbench.
std::filesystem::path cache_folder();

}  // namespace klbench

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "storage/hdf5.h"

/// What the files of cells and of studies share.
namespace klbench {

/// Root attributes: kind ("cell" or "study"), schema_version, numerics_version.
void write_head(hdf5::Group& root, const std::string& kind);
/// Throws UsageError when the file is of another kind or schema version.
void check_head(const hdf5::Group& root, const std::string& kind);

/// The whole file; UsageError where there is none, Error when it cannot be read.
std::string read_existing(const std::filesystem::path& path);

/// Writes an image durably and reads it back; removes it again and throws Error when it differs.
void publish_image(const std::filesystem::path& path, std::string_view image);

}  // namespace klbench

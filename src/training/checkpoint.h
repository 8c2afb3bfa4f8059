#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "training/tensor_file.h"

namespace klbench {

/// The state of cell `id`; empty where the bytes are damaged or belong to another cell or version.
std::optional<TensorFile> parse_checkpoint(std::string_view bytes, const std::string& id);

/// A line "klbench-checkpoint <version> <cell id> <XXH3-128 of the rest>\n", then the tensors; written new, then
/// renamed. Throws Error.
void save_checkpoint(const std::filesystem::path& path, const std::string& id, const TensorFile& state);

/// Empty where there is none or none that can be used (said in the log).
std::optional<TensorFile> load_checkpoint(const std::filesystem::path& path, const std::string& id);

}  // namespace klbench

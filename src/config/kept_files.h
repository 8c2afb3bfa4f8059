#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/cell_config.h"

namespace klbench {

/// The files that stay beside the result of a cell, as keep.* says; a language model has nothing to encode.
struct KeptFiles {
  bool model = false;        ///< <id>.model
  bool latents = false;      ///< <id>.latent.h5
  std::int64_t samples = 0;  ///< <id>.samples.txt, so many
};

KeptFiles kept_files(const CellConfig& config);

/// Those of `wanted` that are not beside `base` (results/<study>/<id>), or have another number of samples.
KeptFiles missing_kept_files(const KeptFiles& wanted, const std::filesystem::path& base);

inline bool any(const KeptFiles& files) { return files.model || files.latents || files.samples > 0; }

}  // namespace klbench

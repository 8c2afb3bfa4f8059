#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "config/cell_files.h"

namespace klbench {

/// The files that stay beside the result of a cell, as keep.* says; a language model has nothing to encode.
struct KeptFiles {
  bool model = false;        ///< <id>.model
  bool latents = false;      ///< <id>.latent.h5
  std::int64_t samples = 0;  ///< <id>.samples.txt, so many
};

KeptFiles kept_files(const CellConfig& config);

/// Those of `wanted` that a cell has not, or with another number of samples.
KeptFiles missing_kept_files(const KeptFiles& wanted, const CellFiles& files);

inline bool any(const KeptFiles& files) { return files.model || files.latents || files.samples > 0; }

}  // namespace klbench

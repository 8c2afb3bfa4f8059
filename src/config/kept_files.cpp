#include "config/kept_files.h"

#include <algorithm>

#include "core/files.h"

namespace klbench {

namespace {

/// Lines of the section of samples from the prior; -1 where there is none.
std::int64_t samples_in(const std::string& text) {
  const std::size_t head = text.find("\n# samples from the prior");
  const std::size_t end = text.find("\n# interpolations");
  if (head == std::string::npos || end == std::string::npos || end < head) return -1;
  return std::count(text.begin() + static_cast<std::ptrdiff_t>(head) + 1,
                    text.begin() + static_cast<std::ptrdiff_t>(end), '\n') -
         1;
}

}  // namespace

KeptFiles kept_files(const CellConfig& config) {
  KeptFiles files;
  files.model = config.boolean("keep.model");
  if (!config.has_latent()) return files;
  files.latents = config.boolean("keep.latents");
  files.samples = config.integer("keep.samples");
  return files;
}

KeptFiles missing_kept_files(const KeptFiles& wanted, const CellFiles& files) {
  const auto exists = [](const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
  };
  KeptFiles missing;
  missing.model = wanted.model && !exists(files.model());
  missing.latents = wanted.latents && !exists(files.latents());
  const auto samples = wanted.samples == 0 ? std::nullopt : read_file_if_there(files.samples());
  const bool has_samples = wanted.samples == 0 || (samples && samples_in(*samples) == wanted.samples);
  missing.samples = has_samples ? 0 : wanted.samples;
  return missing;
}

}  // namespace klbench

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sweep/engine.h"

namespace klbench {

// Engine::sample, reconstruct and interpolate.
std::vector<std::string> sample_kept(const KeptModel& model, std::int64_t count, double temperature,
                                     std::uint64_t seed);
std::vector<std::string> reconstruct_kept(const KeptModel& model, const std::string& split, std::int64_t first,
                                          std::int64_t count);
std::vector<std::string> interpolate_kept(const KeptModel& model, const std::string& split, std::int64_t from,
                                          std::int64_t to, std::int64_t steps);

}  // namespace klbench

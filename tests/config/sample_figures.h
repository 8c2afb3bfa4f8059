// Figure kinds made by hand: config and sweep cannot see those of plotting. Included once in a test program.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/figures.h"

namespace klbench {

namespace {

FigureKind sample_kind(const char* key, std::vector<std::string> wants, std::vector<std::string> takes,
                       bool by_epoch = false, bool is_table = false) {
  return {{.key = key, .summary = "one line"}, std::move(wants), std::move(takes), by_epoch, is_table};
}

const FigureRegistrar kSampleKinds[] = {
    {sample_kind("curve", {"metric"}, {"split", "floor", "log_x", "log_y"}, true), nullptr},
    {sample_kind("dynamics", {}, {"metric", "split"}, true), nullptr},
    {sample_kind("bars", {"metric"}, {"split", "floor", "log_x", "log_y"}), nullptr},
    {sample_kind("sweep", {"metric", "over"}, {"split", "floor", "log_x", "log_y", "x_limits"}), nullptr},
    {sample_kind("rate_distortion", {}, {"split"}), nullptr},
    {sample_kind("table", {}, {"metric", "split"}, false, true), nullptr},
    {sample_kind("heatmap", {}, {"metric", "split"}), nullptr},
    {sample_kind("surgery", {}, {"split"}, false, true), nullptr},
    {sample_kind("histogram", {}, {"split"}), nullptr},
    {sample_kind("mean_space", {}, {}), nullptr},
    {sample_kind("moments", {}, {"split", "log_x", "log_y"}), nullptr},
    {sample_kind("floor", {}, {"over", "split", "log_x", "log_y"}), nullptr},
    {sample_kind("images", {}, {"split"}), nullptr},
    {sample_kind("latent", {}, {"split"}), nullptr},
};

}  // namespace

}  // namespace klbench

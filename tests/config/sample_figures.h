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

constexpr Figure (*kNothing)(const Request&) = nullptr;

const FigureRegistrar kSampleKinds[] = {
    {sample_kind("curve", {"metric"}, {"split", "floor", "log_x", "log_y"}, true), kNothing},
    {sample_kind("dynamics", {}, {"metric", "split"}, true), kNothing},
    {sample_kind("bars", {"metric"}, {"split", "floor", "log_x", "log_y"}), kNothing},
    {sample_kind("sweep", {"metric", "over"}, {"split", "floor", "log_x", "log_y", "x_limits"}), kNothing},
    {sample_kind("rate_distortion", {}, {"split"}), kNothing},
    {sample_kind("table", {}, {"metric", "split"}, false, true), kNothing},
    {{.spec = {.key = "heatmap", .summary = "one line"},
      .takes = {"metric", "split"},
      .metric_help = "a metric of every dimension"},
     kNothing},
    {sample_kind("surgery", {}, {"split"}, false, true), kNothing},
    {sample_kind("histogram", {}, {"split"}), kNothing},
    {sample_kind("mean_space", {}, {}), kNothing},
    {sample_kind("moments", {}, {"split", "log_x", "log_y"}), kNothing},
    {sample_kind("floor", {}, {"over", "split", "log_x", "log_y"}), kNothing},
    {sample_kind("images", {}, {"split"}), kNothing},
    {sample_kind("latent", {}, {"split"}), kNothing},
};

}  // namespace

}  // namespace klbench

#include "storage/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

namespace klbench {

namespace {

struct Bounds {
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
};
constexpr Bounds kPositive{.least = 0};
constexpr Bounds kShare{0, 1};

MetricInfo up(std::string name, std::string long_name, std::string units, std::string head = "", Bounds bounds = {}) {
  return {std::move(name), std::move(long_name), std::move(units), true, true,
          std::move(head), bounds.least,         bounds.most};
}

MetricInfo down(std::string name, std::string long_name, std::string units, std::string head = "", Bounds bounds = {}) {
  return {std::move(name), std::move(long_name), std::move(units), false, true,
          std::move(head), bounds.least,         bounds.most};
}

MetricInfo neutral(std::string name, std::string long_name, std::string units, std::string head = "",
                   Bounds bounds = {}) {
  return {std::move(name), std::move(long_name), std::move(units), false,
          false,           std::move(head),      bounds.least,     bounds.most};
}

/// Of the trainer and of figures; the others say it where they are measured (src/metrics).
std::vector<MetricInfo> make_known_metrics() {
  return {
      down("loss", "training loss", kNats),
      neutral("kl_weight", "weight on the KL divergence", "1"),
      neutral("lr", "learning rate", "1"),
      neutral("floor", "analytic KL floor", kNats),
      neutral("grad_norm", "gradient norm", "1"),
      neutral("posterior_histogram", "aggregated posterior by dimension and bin", "density"),
      neutral("image_grid", "examples, reconstructions, prior samples and interpolations", "1"),
      neutral("latent_points", "posterior means in the two dimensions of largest KL, with labels", "1"),
      neutral("train_seconds", "time of training", "s", "Train (s)", kPositive),
      neutral("evaluation_seconds", "time of evaluation", "s"),
      neutral("seconds_per_epoch", "time of an epoch", "s"),
      neutral("tokens_per_second", "training speed (of images: images)", "tokens/s"),
      neutral("peak_rss_mb", "peak resident memory", "MiB"),
  };
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// nll_<K>: the bound with K samples.
bool nll_info(const std::string& name, MetricInfo& info) {
  std::string_view samples = name;
  if (!take_prefix(samples, "nll_") || samples.empty()) return false;
  if (samples.find_first_not_of("0123456789") != std::string_view::npos) return false;
  info = down(name, "negative log-likelihood with K = " + std::string(samples), kNats, "NLL " + std::string(samples));
  return true;
}

/// probe_accuracy_<n> and probe_accuracy_z_<n>, with n labels.
bool probe_info(const std::string& name, MetricInfo& info) {
  std::string_view rest = name;
  if (!take_prefix(rest, "probe_accuracy_")) return false;
  const char* on = take_prefix(rest, "z_") ? "z ~ q" : "mu";
  if (rest.empty() || !std::isdigit(static_cast<unsigned char>(rest[0]))) return false;
  info = up(name, "accuracy of a linear probe on " + std::string(on) + " with " + std::string(rest) + " labels", "1",
            "", kShare);
  return true;
}

}  // namespace

namespace {

struct KnownMetrics {
  std::vector<MetricInfo> all = make_known_metrics();
  ComponentSpecs registered, of_plugins;
};

KnownMetrics& known() {
  static KnownMetrics metrics;
  return metrics;
}

}  // namespace

const std::vector<MetricInfo>& known_metrics() { return known().all; }
const ComponentSpecs& registered_metrics() { return known().registered; }
const ComponentSpecs& metrics_of_plugins() { return known().of_plugins; }

void know_metrics(const ComponentSpecs& metrics) {
  for (const auto& [key, spec] : metrics) {
    if (is_known_metric(key)) continue;
    known().all.push_back({key, spec.summary, spec.units, spec.better == "higher", !spec.better.empty(), spec.head,
                           spec.least, spec.most});
    known().registered.emplace(key, spec);
  }
}

void know_metrics_of_plugin(const ComponentSpecs& metrics) {
  for (const auto& [key, spec] : metrics) {
    if (!is_known_metric(key)) known().of_plugins.emplace(key, spec);
  }
  know_metrics(metrics);
}

namespace {

/// "Swap gap" of swap_gap.
std::string head_of(const std::string& name) {
  std::string head = name;
  std::replace(head.begin(), head.end(), '_', ' ');
  if (!head.empty()) head[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(head[0])));
  return head;
}

std::optional<MetricInfo> known_info(const std::string& name) {
  static const std::array<std::pair<std::string, const char*>, 2> kSuffixes = {
      {{"_last", " (last epoch)"}, {"_running", " (running statistics)"}}};
  for (const auto& [suffix, meaning] : kSuffixes) {
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    auto info = known_info(name.substr(0, name.size() - suffix.size()));
    if (!info) return info;
    info->name = name;
    info->long_name += meaning;
    info->head = fmt::format("{} ({})", info->head, suffix.substr(1));
    return info;
  }
  const auto& all = known().all;
  const auto found = std::find_if(all.begin(), all.end(), [&](const MetricInfo& info) { return info.name == name; });
  MetricInfo info;
  if (found != all.end()) {
    info = *found;
  } else if (!nll_info(name, info) && !probe_info(name, info)) {
    return std::nullopt;
  }
  if (info.head.empty()) info.head = head_of(name);
  return info;
}

}  // namespace

bool is_known_metric(const std::string& name) { return known_info(name).has_value(); }

MetricInfo metric_info(const std::string& name) {
  if (const auto info = known_info(name)) return *info;
  MetricInfo info = neutral(name, name, "1", head_of(name));
  std::replace(info.long_name.begin(), info.long_name.end(), '_', ' ');
  return info;
}

}  // namespace klbench

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plotting/group.h"

namespace klbench {

/// What stands in figures and tables for methods, options, values, metrics and rows (YAML `names`).
using Names = std::map<std::string, std::string>;

/// A row as it is displayed: its own name; else the names of the method or its parts, with the options that tell it
/// from others of the method: "BN-VAE (dilated_cnn, γ=.6)".
std::string display_label(const Group& group, const Names& names);

/// "τ" for regularizer.sym_bn_vae.tau, "latent_dim" for model.latent_dim; of several with one last part, `owned`:
/// "sym_bn_vae.τ".
std::string display_option(const std::string& option, const Names& names, bool owned = false);

/// The metric's own name, or what MetricInfo calls it, with mathematics: "KL divergence", "E[μ²]".
std::string display_metric(const std::string& metric, const Names& names);

/// The head of a column: its own name, or "KL", "NLL (last)", "Swap gap".
std::string column_title(const std::string& metric, const Names& names);

/// `text` with the words mu, tau, sigma, ... as Greek letters.
std::string with_greek(const std::string& text);

/// "10⁻⁵" for the number "1e-05", "2·10⁻⁵" for "2e-05"; others as they are.
std::string with_power(const std::string& number);

/// with_power of short_value.
std::string display_value(const Value& value);

/// The names in the attribute label_names of latent_points, by label; empty where it has none.
std::vector<std::string> label_names(const FinalMetric& latent_points);

/// "μ₃" for ("μ", 3).
std::string with_index(const std::string& symbol, std::int64_t index);

/// The first key of `names` that names nothing of the study; nothing where all do, or cells are missing. Labels of data
/// are "label 3".
std::optional<std::string> idle_name(const StudyResult& study, const Names& names);
/// What is wrong with it.
std::string idle_name_text(const std::string& name);

}  // namespace klbench

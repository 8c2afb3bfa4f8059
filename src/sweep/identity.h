#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "config/components.h"

namespace klbench {

/// What the numbers of a cell depend on, fact by fact:
///   <option>          its value; left out where it is the one that identity.cpp's table, or the component, leaves out
///   regularizer       the method, "bn_vae+kl_annealing"
///   component <key>   hash of the source of a remedy of this program; encoder <key>, decoder <key> likewise
///   plugin <key>      hash of the .so that defines a remedy; plugin encoder <key>, ... likewise, and,
///                     in every cell, plugin metric <key>
///   data              hash of the data set's content
///   numerics          kNumericsVersion
/// Options that change no number (CellConfig::of_result, what another option overrides) and paths are no facts.
using Identity = std::map<std::string, std::string>;

/// As facts name a component: "bn_vae", "encoder lstm".
std::string component_fact(const ComponentKind& kind, const std::string& key);

/// `plugin_hashes`: component_fact -> content hash of the .so that defines it.
Identity identity_of(const CellConfig& config, const std::string& data_hash,
                     const std::map<std::string, std::string>& plugin_hashes);

inline constexpr std::size_t kIdDigits = 16;

/// The id: the first kIdDigits hexadecimal digits of the XXH3-128 of the facts, a line each.
std::string cell_id(const Identity& identity);

/// The value at which a core option is left out of identities, as text; empty: the option has no entry in the table.
std::string unwritten_value(const std::string& option);

/// The facts as comments below a configuration, and back from such a text.
std::string identity_comments(const Identity& identity);
Identity read_identity_comments(const std::string& text);

struct FactChange {
  std::string fact;
  std::string before;  ///< empty: it had none
  std::string now;     ///< empty: it has none
};

std::vector<FactChange> differences(const Identity& before, const Identity& now);

/// "trainer.lr 0.5 instead of 1.0; the source of bn_vae has changed".
std::string difference_text(const std::vector<FactChange>& differences);

}  // namespace klbench

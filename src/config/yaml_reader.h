#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/option_spec.h"
#include "core/error.h"

namespace klbench {

/// A node of a YAML file with the place where it stands.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  Kind kind = Kind::null;
  Place place;
  bool quoted = false;          ///< scalar in quotes or a block, or tagged !!str: text whatever it looks like
  std::string text;             ///< of a scalar
  std::optional<Value> number;  ///< of a scalar that was computed, which `text` spells: its value
  std::vector<YamlNode> keys;   ///< of a map: scalars, each once; keys[i] belongs to items[i]
  std::vector<YamlNode> items;  ///< of a sequence or map

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_map() const { return kind == Kind::map; }
  /// The value of a key of a map; null when there is none.
  const YamlNode* find(std::string_view key) const;
  /// Throws UsageError at this place.
  [[noreturn]] void fail(const std::string& what) const;
};

inline constexpr std::size_t kMaxYamlBytes = 1 << 20;
inline constexpr std::size_t kMaxYamlNodes = 100'000;
inline constexpr std::size_t kMaxYamlDepth = 32;

/// `text` as it is, as one plain scalar ("" and "~": a null node); refuses what parse_yaml refuses of characters.
YamlNode plain_scalar(std::string_view text, const Place& place);

/// The one document in `text` (an empty text: a null node). Stricter than YAML: no aliases or anchors, no tags beyond
/// the core schema's, no duplicate keys, no second document, keys are scalars, UTF-8 without control characters; and
/// no more than the limits above. Throws UsageError with file:line:column; columns count characters.
YamlNode parse_yaml(std::string_view text, const std::string& file_name);

/// Text of a YAML file; throws UsageError when it cannot be read or is too large. `named_at`: where it is asked for.
std::string read_yaml_text(const std::filesystem::path& file, const Place& named_at = {});

/// The node on one line, as YAML in flow style.
std::string flow_text(const YamlNode& node);

/// Gives the node and all within it one place.
void set_place(YamlNode& node, const Place& place);

/// Value of a scalar by YAML's core schema: true and false, decimal integers of 64 bits, reals, else text; quoted
/// scalars are text. Throws UsageError for other nodes.
Value scalar_value(const YamlNode& node);

/// The text of a scalar as it was written; throws UsageError, "<what> wants text", for other nodes.
const std::string& scalar_text(const YamlNode& node, std::string_view what);

/// true or false, also as yes, no, on, off; throws UsageError, "<what> wants true or false", for anything else.
bool scalar_flag(const YamlNode& node, std::string_view what);

/// The scalar as a value of `spec`, checked; quotes do not make text of a number or flag that is wanted. Throws
/// UsageError at the node's place, with the right form of what is known to be meant.
Value option_value(const OptionSpec& spec, const YamlNode& node);

}  // namespace klbench

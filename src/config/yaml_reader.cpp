#include "config/yaml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>

#include "config/number_forms.h"
#include "config/yaml_hints.h"
#include "core/files.h"
#include "core/utf8.h"

namespace klbench {

namespace {

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";
constexpr const char* kNoAliases =
    "anchors and aliases (&name, *name) are not supported; write the value out, or include a file";

/// The text of one file and its places.
class Source {
 public:
  Source(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '\n') line_starts_.push_back(i + 1);
    }
  }

  std::string_view text() const { return text_; }

  Place at(std::size_t offset) const {
    const auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin();
    const std::size_t start = line_starts_[static_cast<std::size_t>(line) - 1];
    const auto characters = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    const std::string_view before = text_.substr(start, offset - start);
    return {file_, static_cast<int>(line),
            1 + static_cast<int>(std::count_if(before.begin(), before.end(), characters))};
  }

  Place at(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 0, 0};
    return at(std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size()));
  }

 private:
  std::string_view text_;
  std::string file_;
  std::vector<std::size_t> line_starts_;
};

/// Refuses what yaml-cpp would take in silence: bytes that are not UTF-8, and control characters (it ends at \x04).
void check_characters(const Source& source) {
  const std::string_view text = source.text();
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    throw UsageError(source.at(bad), "not valid UTF-8" + encoding_hint(text));
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\n' && c != '\t' && c != '\r') {
      throw UsageError(source.at(i),
                       fmt::format("control character \\x{:02x}{}", c, c == 0 && i < 2 ? encoding_hint(text) : ""));
    }
  }
}

/// Whether the quoted scalar whose properties or opening quote stand at `start` has its closing quote: yaml-cpp takes a
/// scalar that runs into the end of the file for a whole one.
bool quote_is_closed(std::string_view text, std::size_t start) {
  std::size_t i = start;
  while (i < text.size() && text[i] == '!') {  // a tag, then blanks and comments
    while (i < text.size() && !std::isspace(static_cast<unsigned char>(text[i]))) ++i;
    while (i < text.size() && (std::isspace(static_cast<unsigned char>(text[i])) || text[i] == '#')) {
      i = text[i] == '#' ? std::min(text.find('\n', i), text.size()) : i + 1;
    }
  }
  if (i >= text.size() || (text[i] != '"' && text[i] != '\'')) return true;
  const char quote = text[i];
  for (++i; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return true;
      ++i;
    }
  }
  return false;
}

/// Builds the tree from yaml-cpp's events and refuses what klbench does not take.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Source& source) : source_(source) {}

  YamlNode take_root() { return std::move(root_); }
  /// Where the innermost bracket that is still open stands; npos where there is none.
  std::size_t open_bracket() const {
    for (auto frame = stack_.rbegin(); frame != stack_.rend(); ++frame) {
      const char c = frame->begin < source_.text().size() ? source_.text()[frame->begin] : '\0';
      if (c == '[' || c == '{') return frame->begin;
    }
    return std::string_view::npos;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      throw UsageError(source_.at(mark), "a second document begins here (a file holds one; check the indentation)");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!stack_.empty() && ends_bare_key(static_cast<std::size_t>(mark.pos))) stack_.back().has_bare_key = true;
    add(make(YamlNode::Kind::null, mark, "?", anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse_alias(source_.at(mark)); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = make(YamlNode::Kind::scalar, mark, tag, anchor);
    if (!quote_is_closed(source_.text(), static_cast<std::size_t>(mark.pos))) node.fail("unterminated quote");
    node.quoted = tag == "!" || tag == fmt::format("{}str", kCoreTag);
    node.text = value;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(make(YamlNode::Kind::sequence, mark, tag, anchor), mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(make(YamlNode::Kind::map, mark, tag, anchor), mark);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlNode node;
    std::size_t begin;                 ///< its offset in the text
    std::map<std::string, int> lines;  ///< of the keys of a map
    bool has_bare_key = false;         ///< {a, b}: a flow map's key without a colon
  };

  static void refuse_bare_key(const YamlNode& map);

  [[noreturn]] static void refuse_alias(const Place& place) { throw UsageError(place, kNoAliases); }

  YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    YamlNode node;
    node.kind = kind;
    node.place = source_.at(mark);
    if (anchor != 0) refuse_alias(node.place);
    check_tag(tag, node);
    if (++nodes_ > kMaxYamlNodes) node.fail(fmt::format("more than {} values in one file", kMaxYamlNodes));
    return node;
  }

  static void check_tag(const std::string& tag, const YamlNode& node) {
    static const std::vector<std::string> names = {"str", "int", "float", "bool", "null", "seq", "map"};
    if (tag.empty() || tag == "?" || tag == "!") return;
    const bool core =
        tag.starts_with(kCoreTag) && std::find(names.begin(), names.end(), tag.substr(kCoreTag.size())) != names.end();
    if (!core) node.fail(fmt::format("tag '{}' is not supported", one_line(tag)));
  }

  void open(YamlNode node, const YAML::Mark& mark) {
    if (stack_.size() >= kMaxYamlDepth) node.fail(fmt::format("nested deeper than {} levels", kMaxYamlDepth));
    stack_.push_back({std::move(node), static_cast<std::size_t>(std::max(mark.pos, 0)), {}});
  }

  /// Whether a missing value, which yaml-cpp places at the token that follows, had no colon either.
  bool ends_bare_key(std::size_t offset) const {
    const YamlNode& parent = stack_.back().node;
    const std::string_view text = source_.text();
    if (parent.keys.size() != parent.items.size() + 1) return false;  // no map, or the key itself
    if (offset >= text.size() || (text[offset] != ',' && text[offset] != '}')) return false;
    const std::size_t last = text.substr(0, offset).find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && text[last] != ':';
  }

  void close() {
    if (stack_.back().has_bare_key) refuse_bare_key(stack_.back().node);
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = stack_.back().node;
    auto& lines = stack_.back().lines;
    if (parent.is_map() && parent.keys.size() == parent.items.size()) {
      if (!node.is_scalar()) node.fail("a key must be plain text");
      const auto [first, is_new] = lines.emplace(node.text, node.place.line);
      if (!is_new) node.fail(fmt::format("duplicate key '{}' (first in line {})", one_line(node.text), first->second));
      parent.keys.push_back(std::move(node));
      return;
    }
    // yaml-cpp places a missing value at the token that follows.
    if (parent.is_map() && node.kind == YamlNode::Kind::null) node.place = parent.keys.back().place;
    parent.items.push_back(std::move(node));
  }

  const Source& source_;
  std::vector<Frame> stack_;
  YamlNode root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

/// {seed: 0,1}, {gamma: 0,4}, {seed: range(0,3)}, {vae, bn_vae}, {a:1}: names the forms that may be meant.
void TreeBuilder::refuse_bare_key(const YamlNode& map) {
  std::size_t i = 0;
  while (map.items[i].kind != YamlNode::Kind::null) ++i;
  const YamlNode& bare = map.keys[i];
  const auto fail = [&](const std::string& form) {
    bare.fail(fmt::format("'{}' has no value; {}", one_line(bare.text), one_line(form)));
  };
  if (const auto colon = bare.text.find(':'); colon != std::string::npos) {
    fail(with_blank(bare.text.substr(0, colon), bare.text.substr(colon + 1)));
  }
  const bool behind_value = i > 0 && map.items[i - 1].is_scalar();
  std::string value = behind_value ? map.items[i - 1].text + "," : "";
  const std::string key = behind_value ? map.keys[i - 1].text : "";
  for (; i < map.keys.size() && map.items[i].kind == YamlNode::Kind::null; ++i) value += map.keys[i].text + ",";
  value.pop_back();
  std::string meant = comma_readings(value, true);
  if (meant.empty()) meant = meant_list(value);
  if (meant.empty()) meant = fmt::format("[{}]", fmt::join(split_list(value, ','), ", "));
  fail(behind_value ? fmt::format("if the comma belongs to '{0}', write {0}: {1}", key, meant)
                    : fmt::format("a list is written {}", meant));
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

void YamlNode::fail(const std::string& what) const { throw UsageError(place, what); }

YamlNode plain_scalar(std::string_view text, const Place& place) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text = text.substr(first, text.find_last_not_of(" \t") + 1 - first);
  try {
    check_characters(Source(text, "value"));
  } catch (const UsageError& error) {
    throw UsageError(place, error.what());
  }
  YamlNode node;
  node.place = place;
  node.text = text;
  if (!text.empty() && text != "~") node.kind = YamlNode::Kind::scalar;
  return node;
}

YamlNode parse_yaml(std::string_view text, const std::string& file_name) {
  if (text.size() > kMaxYamlBytes) {
    throw UsageError(fmt::format("{}: larger than {} bytes", file_name, kMaxYamlBytes));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  // With a last line break yaml-cpp passes on a scalar that is cut off, so that we can name where it began.
  const std::string copy = std::string(text) + "\n";
  const Source source(copy, file_name);
  check_characters(source);
  TreeBuilder builder(source);
  try {
    std::istringstream stream(copy);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const std::size_t open = builder.open_bracket();
    const bool flow = error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW || error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW ||
                      error.msg == YAML::ErrorMsg::BLOCK_ENTRY;
    if (error.mark.is_null()) throw UsageError(source.at(error.mark), one_line(error.msg));
    const auto at = std::min(static_cast<std::size_t>(std::max(error.mark.pos, 0)), copy.size());
    if (copy[at] == '*' || copy[at] == '&') throw UsageError(source.at(at), kNoAliases);
    YamlComplaint complaint = explain_syntax(copy, at, error.msg);
    const bool vague = complaint.what == error.msg || complaint.what == kIndentation;
    if (flow && vague && open < copy.size()) complaint = explain_bracket(copy, open, at);
    throw UsageError(source.at(complaint.offset), complaint.what);
  }
  YamlNode root = builder.take_root();
  if (root.place.file.empty()) root.place = {file_name, 1, 1};
  return root;
}

std::string read_yaml_text(const std::filesystem::path& file, const Place& named_at) {
  std::error_code error;
  std::string reason;
  if (!std::filesystem::is_regular_file(file, error)) {
    const char* what = other_than_file(file);
    reason = what ? fmt::format("{}, where a file is wanted", what) : "no such file";
  } else if (std::filesystem::file_size(file, error) > kMaxYamlBytes) {
    reason = fmt::format("larger than {} bytes", kMaxYamlBytes);
  } else {
    try {
      return read_file(file);
    } catch (const Error& failure) {  // "file: reason"
      reason = std::string(failure.what()).substr(file.string().size() + 2);
    }
  }
  const std::string name = one_line(file.string());
  if (named_at.file.empty()) throw UsageError(fmt::format("{}: {}", name, reason));
  throw UsageError(named_at, fmt::format("cannot include '{}': {}", name, reason));
}

}  // namespace klbench

#include "config/study_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/number_forms.h"
#include "config/user_path.h"
#include "core/process.h"

namespace klbench {

namespace {

constexpr std::size_t kMaxFiles = 1000;

std::vector<const YamlNode*> path_nodes(const YamlNode& root, const std::string& key) {
  std::vector<const YamlNode*> out;
  const YamlNode* node = root.find(key);
  if (!node) return out;
  if (node->is_scalar()) out.push_back(node);
  if (node->is_map() || node->kind == YamlNode::Kind::null) node->fail(fmt::format("'{}' wants a list of paths", key));
  for (const auto& item : node->items) out.push_back(&item);
  return out;
}

/// A path as its YAML file means it.
std::filesystem::path resolve(const std::filesystem::path& named_in, const YamlNode& node, const std::string& what) {
  const std::string& text = scalar_text(node, what);
  if (text.empty() || text.find('\0') != std::string::npos) node.fail(fmt::format("{} wants a path", what));
  return (named_in.parent_path() / expand_user(text, node.place)).lexically_normal();
}

class IncludeReader {
 public:
  std::vector<StudyFile> read(const std::filesystem::path& file) {
    visit(file, {});
    files_.back().included = false;
    return std::move(files_);
  }

 private:
  /// Folders with files of klbench's own: of the source tree that this program was built in, of where it is installed.
  static std::vector<std::filesystem::path> own_folders() {
    const auto bin = std::filesystem::path(executable_path()).parent_path();
    return {bin / "..", bin / "../share/klbench"};
  }

  /// A file in the folder that an include names, beside the study or among klbench's own, which may have been meant.
  static std::string near_file(const std::filesystem::path& named_in, const std::string& text) {
    const auto wanted = std::filesystem::path(text);
    auto folders = own_folders();
    folders.push_back(named_in.parent_path());
    std::vector<std::string> names;
    for (const auto& folder : folders) {
      std::error_code error;
      for (const auto& entry : std::filesystem::directory_iterator(folder / wanted.parent_path(), error))
        if (entry.path() != named_in) names.push_back((wanted.parent_path() / entry.path().filename()).string());
    }
    const std::string near = nearest_name(text, names);
    return near.empty() ? "" : fmt::format(" (did you mean '{}'?)", one_line(near));
  }

  /// The right form of an include that names no file: a list, or a path that was meant from the working folder.
  static std::string include_hint(const std::filesystem::path& named_in, const std::string& text) {
    std::error_code error;
    const auto split = split_list(text, ',');
    if (split.size() > 1)
      return fmt::format("; a list is written [{}]", one_line(fmt::format("{}", fmt::join(split, ", "))));
    if (!std::filesystem::is_regular_file(text, error)) return near_file(named_in, text);
    const auto folder = std::filesystem::absolute(named_in).parent_path();
    return fmt::format("; paths are relative to the file that names them: write {}",
                       one_line(std::filesystem::relative(text, folder, error).string()));
  }

  /// An include that is not there beside its file may be one of klbench's own, configs/...
  static std::filesystem::path find(const std::filesystem::path& named_in, const YamlNode& node) {
    const auto path = resolve(named_in, node, "'include'");
    std::error_code error;
    if (!node.text.starts_with("configs/") || std::filesystem::exists(path, error)) return path;
    for (const auto& folder : own_folders()) {
      const auto own = (folder / node.text).lexically_normal();
      if (std::filesystem::is_regular_file(own, error)) return own;
    }
    return path;
  }

  void include(const std::filesystem::path& named_in, const YamlNode& node) {
    const auto path = find(named_in, node);
    std::error_code error;
    const std::string hint = std::filesystem::exists(path, error) ? "" : include_hint(named_in, node.text);
    if (!hint.empty()) node.fail(fmt::format("cannot include '{}': no such file{}", one_line(path.string()), hint));
    visit(path, node.place);
  }

  void visit(const std::filesystem::path& path, const Place& named_at) {
    StudyFile file{path, read_yaml_text(path, named_at), {}, true};
    const auto identity = std::filesystem::canonical(path);
    if (std::find(open_.begin(), open_.end(), identity) != open_.end()) {
      throw UsageError(named_at, fmt::format("'{}' includes itself", one_line(path.string())));
    }
    file.root = parse_yaml(file.text, path.string());
    if (file.root.kind == YamlNode::Kind::null) file.root.kind = YamlNode::Kind::map;
    if (!file.root.is_map()) file.root.fail("a study file is a map of keys, 'key: value' with a blank");
    open_.push_back(identity);
    for (const YamlNode* node : path_nodes(file.root, "include")) {
      if (++count_ > kMaxFiles) node->fail(fmt::format("more than {} included files", kMaxFiles));
      include(path, *node);
    }
    open_.pop_back();
    if (!named_at.file.empty()) refuse_study_keys(file.root);
    files_.push_back(std::move(file));
  }

  static void refuse_study_keys(const YamlNode& root) {
    const std::vector<std::string> own = {"study", "sweep", "exclude", "tags", "figures", "names", "baseline"};
    for (const auto& key : root.keys) {
      if (std::find(own.begin(), own.end(), key.text) != own.end()) {
        key.fail(fmt::format("'{}' belongs in the study itself, not in a file it includes", key.text));
      }
    }
  }

  std::vector<StudyFile> files_;
  std::vector<std::filesystem::path> open_;  ///< files on the way from the study to here
  std::size_t count_ = 0;
};

}  // namespace

const std::vector<std::string>& study_keys() {
  static const std::vector<std::string> keys = {"study",   "include", "set",      "sweep",   "exclude", "tags",
                                                "figures", "names",   "baseline", "plugins", "launcher"};
  return keys;
}

std::vector<StudyFile> read_study_files(const std::filesystem::path& file) { return IncludeReader().read(file); }

std::vector<PluginPath> plugin_paths(const std::vector<StudyFile>& files) {
  std::vector<PluginPath> out;
  for (const auto& file : files) {
    for (const YamlNode* node : path_nodes(file.root, "plugins")) {
      const std::string path = std::filesystem::absolute(resolve(file.path, *node, "'plugins'")).string();
      const auto same = [&](const PluginPath& other) { return other.path == path; };
      if (std::none_of(out.begin(), out.end(), same)) out.push_back({path, node->place});
    }
  }
  return out;
}

}  // namespace klbench

#include "plotting/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "config/cell_config.h"
#include "config/number_forms.h"
#include "core/error.h"
#include "plotting/group.h"
#include "storage/cell_numbers.h"

namespace klbench {

namespace {

/// Names of what is no option.
const std::vector<std::string>& other_names() {
  static const std::vector<std::string> names = {"method", "regularizer", "status", "tag"};
  return names;
}

bool is_other(const std::string& name) {
  return std::find(other_names().begin(), other_names().end(), name) != other_names().end();
}

/// Whether `option` is called `name`.
bool is_called(const std::string& option, const std::string& name) {
  const auto ends_in = [&](const std::string& end) { return option == end || option.ends_with("." + end); };
  if (ends_in(name) || ends_in(name + ".name")) return true;
  const bool shared =
      name.starts_with("model.") && (option.starts_with("model.encoder.") || option.starts_with("model.decoder."));
  return shared && option.substr(14) == name.substr(6);
}

/// Whether a label or a user may write `text` for `value`.
bool is_value(const Value& value, const std::string& text) {
  if (text == to_string(value) || text == short_value(value)) return true;
  double number = 0;
  const char* end = text.data() + text.size();
  const char* begin = text.data() + text.starts_with('+');
  if (std::from_chars(begin, end, number).ptr != end) return false;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer) == number;
  const auto* real = std::get_if<double>(&value);
  return real && std::abs(*real - number) <= 1e-9 * std::abs(number);
}

/// The options of the study that `name` means.
std::vector<std::string> options_called(const StudyResult& study, const std::string& name) {
  if (is_other(name)) return {name};
  std::vector<std::map<std::string, Value>> called;
  std::set<std::string> all;
  for (const auto& cell : study.cells) {
    auto& options = called.emplace_back();
    for (const auto& option : cell.config) {
      if (!is_called(option.first, name)) continue;
      options.insert(option);
      all.insert(option.first);
    }
  }
  if (all.contains(name)) return {name};
  const auto varying = varying_options(called);
  return varying.empty() ? std::vector<std::string>(all.begin(), all.end()) : varying;
}

/// The values that cells have of `option`, as a user writes them.
std::set<std::string> values_there(const StudyResult& study, const std::string& option) {
  std::set<std::string> values;
  for (const auto& cell : study.cells) {
    if (option == "tag") values.insert(cell.tags.begin(), cell.tags.end());
    if (option == "status") values.insert(to_string(cell.status));
    if (option == "method" || option == "regularizer") values.insert(cell.method);
    if (const auto found = cell.config.find(option); found != cell.config.end())
      values.insert(short_value(found->second));
  }
  return values;
}

/// What --filter can name: the options that vary, by their last part where one has it.
std::vector<std::string> filter_names(const StudyResult& study) {
  std::vector<std::string> names = {"method", "status", "seed"};
  if (!values_there(study, "tag").empty()) names.emplace_back("tag");
  const auto varying = options_that_vary(study);
  for (const auto& option : varying) {
    const auto same = [&](const std::string& other) { return last_part(other) == last_part(option); };
    const bool alone = std::count_if(varying.begin(), varying.end(), same) == 1 && last_part(option) != "name";
    names.push_back(alone ? last_part(option) : option);
  }
  return names;
}

[[noreturn]] void refuse_value(const StudyResult& study, const std::string& name, const std::string& value,
                               const std::vector<std::string>& options) {
  std::set<std::string> there;
  for (const auto& option : options) there.merge(values_there(study, option));
  if (there.empty()) throw UsageError(fmt::format("--filter {}: no cell has a {}", one_line(name), one_line(name)));
  throw UsageError(unknown_name("value of " + name, value, {there.begin(), there.end()}) + without_result(study));
}

}  // namespace

std::string without_result(const StudyResult& study) {
  const std::size_t missing = study.missing.size();
  return missing == 0 ? "" : fmt::format("; {} of {} cells have no result", missing, missing + study.cells.size());
}

bool same_method(const std::string& a, const std::string& b) {
  const auto parts = [](const std::string& method) {
    const auto list = split_list(method, '+');
    return std::multiset<std::string>(list.begin(), list.end());
  };
  return a == b || parts(a) == parts(b);
}

Selector::Selector(const StudyResult& study, const std::string& text) {
  std::istringstream words(text);
  bool first = true;
  for (std::string word; words >> word; first = false) {
    const std::size_t equals = word.find('=');
    Condition condition;
    if (equals != std::string::npos) {
      condition.options = options_called(study, word.substr(0, equals));
      condition.values = split_list(word.substr(equals + 1), ',');
      if (condition.options.empty()) condition.values.clear();  // no cell has it
    } else {
      if (first) condition.options = {"method"};
      condition.values = {word};
    }
    conditions_.push_back(std::move(condition));
  }
}

bool Selector::selects(const CellResult& cell) const {
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [&](const auto& condition) { return holds(condition, cell); });
}

bool Selector::holds(const Condition& condition, const CellResult& cell) {
  const auto any_value = [&](const auto& is) {
    return std::any_of(condition.values.begin(), condition.values.end(), is);
  };
  if (condition.options.empty()) {
    return any_value([&](const std::string& text) {
      return std::any_of(cell.config.begin(), cell.config.end(), [&](const auto& option) {
        return std::holds_alternative<std::string>(option.second) && is_value(option.second, text);
      });
    });
  }
  return std::any_of(condition.options.begin(), condition.options.end(), [&](const std::string& option) {
    return any_value([&](const std::string& text) {
      if (option == "status") return text == to_string(cell.status);
      if (option == "tag") return std::find(cell.tags.begin(), cell.tags.end(), text) != cell.tags.end();
      if (is_other(option)) return same_method(text, cell.method);
      const auto found = cell.config.find(option);
      return found != cell.config.end() && is_value(found->second, text);
    });
  });
}

std::vector<const CellResult*> selected_cells(const StudyResult& study, const std::string& filter) {
  const Selector wanted(study, filter);
  std::vector<const CellResult*> cells;
  for (const auto& cell : study.cells) {
    if (wanted.selects(cell)) cells.push_back(&cell);
  }
  return cells;
}

bool selects_any(const StudyResult& study, const std::string& selector) {
  const Selector wanted(study, selector);
  return std::any_of(study.cells.begin(), study.cells.end(), [&](const auto& cell) { return wanted.selects(cell); });
}

std::string filter_selector(const StudyResult& study, const std::vector<std::string>& filters) {
  std::map<std::string, std::string> values;  // by option, between commas
  for (const auto& filter : filters) {
    const std::size_t equals = filter.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == filter.size()) {
      throw UsageError(fmt::format("--filter {}: wants OPTION=VALUE, e.g. seed=0; options: {}", one_line(filter),
                                   fmt::join(filter_names(study), ", ")));
    }
    const std::string name = filter.substr(0, equals), value = filter.substr(equals + 1);
    if (filter.find(' ') != std::string::npos) {
      throw UsageError(fmt::format("--filter '{}': a value with a blank in it cannot be selected", one_line(filter)));
    }
    const auto options = options_called(study, name);
    if (options.empty()) {
      throw UsageError(unknown_name("option of --filter", name, filter_names(study)) + without_result(study));
    }
    for (const auto& one : split_list(value, ',')) {
      if (!selects_any(study, fmt::format("{}={}", name, one))) refuse_value(study, name, one, options);
    }
    std::string& all = values[name];
    all += (all.empty() ? "" : ",") + value;
  }
  std::string selector;
  for (const auto& [name, any] : values) selector += fmt::format("{}{}={}", selector.empty() ? "" : " ", name, any);
  if (!filters.empty() && !selects_any(study, selector))
    throw UsageError(fmt::format("--filter: no cell has all of {}", one_line(selector)));
  return selector;
}

std::vector<std::string> narrowed(const StudyResult& study, const std::vector<std::string>& only,
                                  const std::string& filter) {
  if (filter.empty() || only.empty()) return filter.empty() ? only : std::vector{filter};
  std::vector<std::string> rows;
  for (const auto& row : only) rows.push_back(row + " " + filter);
  const auto there = [&](const std::string& row) { return selects_any(study, row); };
  if (std::any_of(rows.begin(), rows.end(), there)) std::erase_if(rows, [&](const auto& row) { return !there(row); });
  return rows;
}

SortKey::SortKey(const std::string& text)
    : metric(text.substr(text.starts_with('-'))), descending(text.starts_with('-')) {}

void SortKey::check(const StudyResult& study, const std::string& split) const {
  std::set<std::string> known;
  for (const auto& cell : study.cells) {
    for (const auto& [name, value] : cell.cost) known.insert(name);
    for (const auto& [on, metrics] : cell.final) {
      if (!split.empty() && on != split) continue;
      for (const auto& [name, found] : metrics) {
        if (found.values.size() == 1) known.insert(name);
      }
    }
  }
  if (known.contains(metric)) return;
  throw UsageError(
      unknown_name("metric of --sort" + (split.empty() ? "" : " on " + split), metric, {known.begin(), known.end()}));
}

namespace {

/// Leaves of a study what belongs to one split.
void keep_split(StudyResult& study, const std::string& split) {
  std::set<std::string> known;
  for (auto& cell : study.cells) {
    for (const auto& [name, metrics] : cell.final) known.insert(name);
    for (auto& epoch : cell.epochs) {
      for (const auto& [name, metrics] : epoch.metrics) known.insert(name);
      std::erase_if(epoch.metrics, [&](const auto& of) { return of.first != split; });
      epoch.diagnostics.clear();
    }
    std::erase_if(cell.final, [&](const auto& of) { return of.first != split; });
    cell.facts.clear();
    cell.cost.clear();
  }
  if (!known.contains(split)) throw UsageError(unknown_name("split", split, {known.begin(), known.end()}));
}

}  // namespace

void reduce(StudyResult& study, const std::string& selector, const std::string& split, const std::string& sort) {
  if (!selector.empty()) {
    const Selector wanted(study, selector);
    std::erase_if(study.cells, [&](const auto& cell) { return !wanted.selects(cell); });
  }
  if (!sort.empty()) {
    const SortKey key(sort);
    const std::string of = split.empty() ? "test" : split;
    key.check(study, of);
    key.sort(study.cells, [&](const CellResult& cell) { return final_scalar(cell, of, key.metric); });
  }
  if (!split.empty()) keep_split(study, split);
}

}  // namespace klbench

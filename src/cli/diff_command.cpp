#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/arguments.h"
#include "cli/cell_target.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "config/value_json.h"
#include "core/error.h"
#include "storage/cost.h"

namespace klbench {

namespace {

using Json = nlohmann::ordered_json;
using Values = std::map<std::string, Json>;

/// What two cells have under one name where it differs; null what one has not.
struct Difference {
  std::string name;
  Json a, b;
};

struct DifferencePart {
  std::string name;  ///< "options"
  std::vector<Difference> differences;
};

std::vector<Difference> differences_of(const Values& a, const Values& b) {
  std::set<std::string> names;
  for (const Values* values : {&a, &b}) {
    for (const auto& [name, value] : *values) names.insert(name);
  }
  std::vector<Difference> found;
  const auto at = [](const Values& values, const std::string& name) {
    const auto value = values.find(name);
    return value == values.end() ? Json() : value->second;
  };
  for (const auto& name : names) {
    Difference difference{name, at(a, name), at(b, name)};
    if (difference.a.dump() != difference.b.dump()) found.push_back(std::move(difference));  // NaN is NaN
  }
  return found;
}

Values values_of(const std::map<std::string, Value>& from) {
  Values values;
  for (const auto& [name, value] : from) values[name] = value_json(value);
  return values;
}

Values options_of(const TargetCell& cell) {
  Values options = values_of(cell.result.config);
  options["regularizer"] = cell.result.method;
  return options;
}

Json record_of(const TargetCell& cell) {
  auto record = Json::parse(cell.provenance, nullptr, false);
  return record.is_object() ? record : Json::object();
}

/// The facts of the id that are no options: hashes of code and data, the numerics.
Values code_and_data(const TargetCell& cell) {
  Values facts;
  const Json record = record_of(cell);
  if (!record.contains("identity")) return facts;
  for (const auto& [name, value] : record["identity"].items()) {
    if (name != "regularizer" && !cell.result.config.contains(name)) facts[name] = value;
  }
  return facts;
}

bool knows_code(const TargetCell& cell) { return record_of(cell).contains("identity"); }

/// The texts of run.json: versions, host, CPU.
Values provenance_of(const TargetCell& cell) {
  Values texts;
  const Json record = record_of(cell);
  for (const auto& [name, value] : record.items()) {
    if (value.is_string() && name != "status") texts[name] = value;
  }
  return texts;
}

Values cost_values(const TargetCell& cell) {
  Values numbers;
  for (const auto& [name, value] : cost_of(cell.provenance)) numbers[name] = value;
  return numbers;
}

/// Final metrics that are one number, "test.nll".
Values metrics_of(const TargetCell& cell) {
  Values metrics;
  for (const auto& [split, of_split] : cell.result.final) {
    for (const auto& [name, metric] : of_split) {
      if (metric.values.size() == 1) metrics[split + "." + name] = metric.values[0];
    }
  }
  return metrics;
}

/// The parts of which the first kOfResult say whether two cells are equal; the others are of their runs.
constexpr std::size_t kOfResult = 4;

std::vector<DifferencePart> compare_cells(const TargetCell& a, const TargetCell& b) {
  Values facts_a = values_of(a.result.facts), facts_b = values_of(b.result.facts);
  facts_a["status"] = to_string(a.result.status);
  facts_b["status"] = to_string(b.result.status);
  const bool known = knows_code(a) && knows_code(b);
  return {{"options", differences_of(options_of(a), options_of(b))},
          {"code_and_data", known ? differences_of(code_and_data(a), code_and_data(b)) : std::vector<Difference>{}},
          {"facts", differences_of(facts_a, facts_b)},
          {"metrics", differences_of(metrics_of(a), metrics_of(b))},
          {"provenance", differences_of(provenance_of(a), provenance_of(b))},
          {"cost", differences_of(cost_values(a), cost_values(b))}};
}

bool are_equal(const std::vector<DifferencePart>& parts) {
  return std::all_of(parts.begin(), parts.begin() + kOfResult,
                     [](const auto& part) { return part.differences.empty(); });
}

/// a - b where both are finite numbers.
Json difference_of(const Difference& of) {
  if (!of.a.is_number() || !of.b.is_number()) return {};
  const double difference = of.a.get<double>() - of.b.get<double>();
  return std::isfinite(difference) ? Json(difference) : Json();
}

std::string diff_json(const TargetCell& a, const TargetCell& b, const std::vector<DifferencePart>& parts) {
  const auto head = [](const TargetCell& cell) {
    return Json{{"study", cell.study}, {"cell", cell.result.id}, {"regularizer", cell.result.method}};
  };
  Json root = {{"a", head(a)},
               {"b", head(b)},
               {"equal", are_equal(parts)},
               {"code_and_data_known", knows_code(a) && knows_code(b)}};
  for (const auto& part : parts) {
    Json& list = root[part.name] = Json::array();
    for (const auto& found : part.differences) {
      list.push_back({{"name", found.name}, {"a", found.a}, {"b", found.b}});
      if (part.name == "metrics") list.back()["difference"] = difference_of(found);
    }
  }
  return json_text(root);
}

std::string shown(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string text_of(const TargetCell& a, const TargetCell& b, const std::vector<DifferencePart>& parts) {
  std::string text;
  for (const auto& [name, cell] : {std::pair{"a", &a}, {"b", &b}}) {
    text +=
        fmt::format("{}: {}/{} ({})\n", name, one_line(cell->study), cell->result.id, one_line(cell->result.method));
    if (cell->provenance.empty()) text += "   of its run nothing is known\n";
  }
  const bool known = knows_code(a) && knows_code(b);
  if (!known) text += "code and data: not known of both, so not compared\n";
  if (are_equal(parts))
    text += fmt::format("equal: the same options,{} final metrics\n", known ? " code, data and" : "");
  for (const auto& part : parts) {
    if (part.differences.empty()) continue;
    std::string title = part.name;
    std::replace(title.begin(), title.end(), '_', ' ');
    const bool metrics = part.name == "metrics";
    Listing listing{{"", "name", "a", "b", "difference"}, {{title, "", "a", "b", metrics ? "a - b" : ""}}};
    for (const auto& found : part.differences) {
      const Json difference = metrics ? difference_of(found) : Json();
      listing.rows.push_back({"", found.name, shown(found.a), shown(found.b),
                              difference.is_null() ? "" : fmt::format("{:+.6g}", difference.get<double>())});
    }
    text += "\n" + format_listing(listing, "text");
  }
  return text;
}

struct DiffArguments {
  std::string a, b;
  std::string results = "results";
  std::string format = "text";
};

int diff(const DiffArguments& arguments) {
  const TargetCell a = read_cell_target(arguments.a, arguments.results);
  const TargetCell b = read_cell_target(arguments.b, arguments.results);
  const auto parts = compare_cells(a, b);
  fmt::print("{}", arguments.format == "json" ? diff_json(a, b, parts) : text_of(a, b, parts));
  return 0;
}

}  // namespace

Command diff_command() {
  return {"diff", "Compare two cells: the options in which they differ, code, data, final metrics, versions, cost",
          [](CLI::App& app) {
            auto arguments = std::make_shared<DiffArguments>();
            app.add_option("a", arguments->a, "A cell: its id or the beginning of it, <study>/<id>, or its file")
                ->required()
                ->type_name("CELL_A");
            app.add_option("b", arguments->b, "The other; differences are a - b")->required()->type_name("CELL_B");
            add_results(app, arguments->results);
            add_format(app, arguments->format, {"text", "json"});
            return [arguments] { return diff(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench

#include "storage/export.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "config/value_json.h"
#include "core/csv.h"
#include "storage/cell_numbers.h"

namespace klbench {

namespace {

using Names = std::vector<std::string>;
using Field = std::optional<Value>;
using Fields = std::vector<Field>;

/// A table whose rows are given cell by cell: what they have in common once, then each row's own fields.
class CsvText {
 public:
  CsvText(const Names& of_cell, const Names& of_row) {
    Names header = of_cell;
    header.insert(header.end(), of_row.begin(), of_row.end());
    text_ = csv_line(header) + "\n";
  }
  void cell(const Fields& fields) { head_ = line(fields); }
  void row(const Fields& fields) { text_ += head_ + "," + line(fields) + "\n"; }
  std::string end() { return std::move(text_); }

 private:
  static std::string line(const Fields& fields) {
    Names texts;
    for (const auto& field : fields) texts.push_back(field ? text_of_field(*field) : "");
    return csv_line(texts);
  }
  static std::string text_of_field(const Value& value) {
    const auto* real = std::get_if<double>(&value);
    return real ? fmt::to_string(*real) : to_string(value);
  }

  std::string text_, head_;
};

class JsonText {
 public:
  JsonText(const Names& of_cell, const Names& of_row) : of_cell_(of_cell), of_row_(of_row) {}
  void cell(const Fields& fields) { head_ = with(Json::object(), of_cell_, fields); }
  void row(const Fields& fields) {
    text_ += text_.size() == 1 ? "\n" : ",\n";
    text_ += with(head_, of_row_, fields).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  std::string end() { return text_ + "\n]\n"; }

 private:
  using Json = nlohmann::ordered_json;

  static Json with(Json object, const Names& names, const Fields& fields) {
    for (std::size_t i = 0; i < names.size(); ++i) object[names[i]] = fields[i] ? value_json(*fields[i]) : Json();
    return object;
  }

  Names of_cell_, of_row_;
  Json head_;
  std::string text_ = "[";
};

Field found(const std::map<std::string, Value>& values, const std::string& name) {
  const auto at = values.find(name);
  return at == values.end() ? Field() : Field(at->second);
}

/// What an error that is not known is stored as.
Field known_number(Field field) {
  const auto* real = field ? std::get_if<double>(&*field) : nullptr;
  return real && std::isnan(*real) ? Field() : field;
}

/// The columns that all rows of a cell share.
struct Head {
  Names options;
  Names columns{"study", "cell", "label", "regularizer", "status", "seed"};

  explicit Head(const StudyResult& study) : options(options_that_vary(study)) {
    columns.insert(columns.end(), options.begin(), options.end());
  }
  Fields of(const StudyResult& study, const CellResult& cell, const std::map<std::string, std::string>& labels) const {
    Fields fields{
        study.name, cell.id, labels.at(cell.id), cell.method, to_string(cell.status), found(cell.config, "seed")};
    for (const auto& option : options) fields.push_back(found(cell.config, option));
    return fields;
  }
};

std::string name_of(const CellNumber& number) {
  return number.dimension ? fmt::format("{}[{}]", number.name, *number.dimension) : number.name;
}

/// metric_info searches; a table has few names.
class Units {
 public:
  const std::string& of(const CellNumber& number) {
    const auto [at, is_new] = known_.try_emplace({number.split, number.name});
    if (is_new) at->second = units_of(number);
    return at->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> known_;
};

template <class Text>
void number_rows(const CellResult& cell, Units& units, Text& text) {
  each_number(cell, [&](const CellNumber& number) {
    static const std::map<std::string, Value> kNone;
    const auto& attributes = number.metric ? number.metric->attributes : kNone;
    text.row({number.split, name_of(number), number.epoch ? Field(number.epoch->epoch) : Field(), number.value,
              units.of(number), found(attributes, "estimator"), found(attributes, "examples"),
              found(attributes, "samples"), known_number(found(attributes, "error")), found(attributes, "error_over")});
  });
}

template <class Text>
void example_rows(const CellResult& cell, Units& units, Text& text) {
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) {
      for (std::size_t i = 0; i < metric.examples.size(); ++i) {
        const double value = metric.examples[i];
        if (std::isnan(value)) continue;
        text.row({split, name, static_cast<std::int64_t>(i), value, units.of({.split = split, .name = name})});
      }
    }
  }
}

/// The numbers of a cell at the end of training, by column.
std::map<std::string, double> final_numbers(const CellResult& cell) {
  std::map<std::string, double> numbers;
  each_number(cell, [&](const CellNumber& number) {
    if (!number.epoch && !number.dimension) numbers[number.split + "/" + number.name] = number.value;
  });
  return numbers;
}

Names final_columns(const StudyResult& study) {
  std::set<std::string> names;
  for (const auto& cell : study.cells) {
    for (const auto& [name, value] : final_numbers(cell)) names.insert(name);
  }
  return {names.begin(), names.end()};
}

template <class Text>
std::string export_as(const StudyResult& study, const std::map<std::string, std::string>& labels, ExportRows rows) {
  const Head head(study);
  const Names columns = rows == ExportRows::cells ? final_columns(study)
                        : rows == ExportRows::examples
                            ? Names{"split", "metric", "example", "value", "units"}
                            : Names{"split",     "metric",   "epoch",   "value", "units",
                                    "estimator", "examples", "samples", "error", "error_over"};
  Text text(head.columns, columns);
  Units units;
  for (const auto& cell : study.cells) {
    text.cell(head.of(study, cell, labels));
    if (rows == ExportRows::numbers) number_rows(cell, units, text);
    if (rows == ExportRows::examples) example_rows(cell, units, text);
    if (rows != ExportRows::cells) continue;
    const auto numbers = final_numbers(cell);
    Fields fields;
    for (const auto& column : columns) {
      const auto number = numbers.find(column);
      fields.push_back(number == numbers.end() ? Field() : Field(number->second));
    }
    text.row(fields);
  }
  return text.end();
}

}  // namespace

std::string export_csv(const StudyResult& study, const std::map<std::string, std::string>& labels, ExportRows rows) {
  return export_as<CsvText>(study, labels, rows);
}

std::string export_json(const StudyResult& study, const std::map<std::string, std::string>& labels, ExportRows rows) {
  return export_as<JsonText>(study, labels, rows);
}

}  // namespace klbench

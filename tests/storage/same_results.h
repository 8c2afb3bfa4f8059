#pragma once

#include <bit>
#include <cstdint>
#include <sstream>
#include <string>

#include "storage/records.h"

/// Results as text in which equal doubles have equal bits; NaNs are all written alike.
namespace klbench::testing {

inline void print(std::ostream& out, double value) {
  if (value != value) {
    out << "nan ";
  } else {
    out << std::hex << std::bit_cast<std::uint64_t>(value) << ' ';
  }
}

inline void print(std::ostream& out, const Value& value) {
  out << value.index() << ':';
  if (const auto* real = std::get_if<double>(&value)) {
    print(out, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out << *text << ' ';
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out << std::dec << *integer << ' ';
  } else {
    out << std::get<bool>(value) << ' ';
  }
}

inline void print(std::ostream& out, const std::map<std::string, Value>& values) {
  for (const auto& [name, value] : values) {
    out << name << '=';
    print(out, value);
  }
  out << '\n';
}

inline std::string text_of(const EpochRecord& epoch) {
  std::ostringstream out;
  out << "epoch " << epoch.epoch << " step " << epoch.step << '\n';
  for (const auto& [split, metrics] : epoch.metrics) {
    for (const auto& [name, value] : metrics) {
      out << split << '/' << name << '=';
      print(out, value);
    }
  }
  for (const auto& [name, values] : epoch.diagnostics) {
    out << name << '=';
    for (const double value : values) print(out, value);
  }
  out << '\n';
  return out.str();
}

inline std::string text_of(const std::vector<EpochRecord>& epochs) {
  std::string text;
  for (const auto& epoch : epochs) text += text_of(epoch);
  return text;
}

inline std::string text_of(const CellResult& cell) {
  std::ostringstream out;
  out << cell.id << '\n' << cell.method << '\n' << to_string(cell.status) << '\n' << cell.config_yaml << '\n';
  print(out, cell.config);
  print(out, cell.facts);
  out << text_of(cell.epochs);
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) {
      out << split << '/' << name << '=';
      for (const double value : metric.values) print(out, value);
      print(out, metric.attributes);
      for (const float value : metric.examples) print(out, static_cast<double>(value));
    }
  }
  return out.str();
}

}  // namespace klbench::testing

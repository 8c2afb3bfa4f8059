#include "validation/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "core/error.h"

namespace klbench::testing {

namespace {

double mean_of_numbers(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double Line::mean() const { return mean_of_numbers(values); }

double Line::spread() const {
  double sum = 0;
  for (const double value : values) sum += (value - mean()) * (value - mean());
  return values.size() < 2 ? 0 : std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double Line::stated_error() const { return mean_of_numbers(errors); }

void Results::add(const Place& place, const std::string& estimator, double truth, const Estimate& estimate) {
  const auto same = [&](const Line& line) { return line.place == place && line.estimator == estimator; };
  auto found = std::find_if(lines_.begin(), lines_.end(), same);
  if (found == lines_.end()) found = lines_.insert(lines_.end(), Line{place, estimator, truth, {}, {}});
  found->values.push_back(estimate.value);
  found->errors.push_back(estimate.error);
}

std::string Results::csv() const {
  std::string text = "model,posterior,d,model_mi,N,K,estimator,truth,mean,bias,spread,stated_error,repetitions\n";
  const auto field = [](double value) { return std::isnan(value) ? std::string() : fmt::format("{:.5g}", value); };
  for (const auto& line : lines_) {
    const auto& at = line.place;
    text += fmt::format("{},\"{}\",{},{},{},{},{},{},{},{},{},{},{}\n", at.model, at.posterior, at.d,
                        at.mi == 0 ? "" : field(at.mi), at.n, at.k == 0 ? "" : fmt::format("{}", at.k), line.estimator,
                        field(line.truth), field(line.mean()), field(line.bias()), field(line.spread()),
                        field(line.stated_error()), line.values.size());
  }
  return text;
}

Results Results::from_csv(const std::string& text) {
  Results results;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);  // the names
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream parts(line);
    while (parts.peek() != std::istringstream::traits_type::eof()) {
      const bool is_quoted = parts.peek() == '"';  // it may have commas
      if (is_quoted) parts.ignore();
      std::string& field = fields.emplace_back();
      std::getline(parts, field, is_quoted ? '"' : ',');
      if (is_quoted) parts.ignore();
    }
    if (fields.size() != 13) throw Error(fmt::format("{} fields where 13 are wanted: {}", fields.size(), line));
    const auto number = [&](std::size_t i) { return fields[i].empty() ? std::nan("") : std::stod(fields[i]); };
    const auto count = [&](std::size_t i) { return fields[i].empty() ? 0 : std::stoll(fields[i]); };
    const Place place{fields[0], fields[1], count(2), fields[3].empty() ? 0 : number(3), count(4), count(5)};
    const double off = number(10) / std::sqrt(2.0);
    results.lines_.push_back({place, fields[6], number(7), {number(8) - off, number(8) + off}, {number(11)}});
  }
  return results;
}

}  // namespace klbench::testing

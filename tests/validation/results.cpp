#include "validation/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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

}  // namespace klbench::testing

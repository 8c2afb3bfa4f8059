#pragma once

#include <functional>
#include <string>
#include <vector>

namespace klbench::bench {

/// One line of bench.csv; what is done per second depends on the workload: tokens, sentences, estimates.
struct Row {
  std::string workload, config, precision, peer;
  double ours_per_s, peer_per_s;
  double ratio;           ///< median over the pairs
  double gflops = 0;      ///< of ours, 0: not counted
  double peak_share = 0;  ///< of the best matrix product of this CPU in this precision
};

/// Two ways to do the same work, each returning what it did per second.
struct Contest {
  std::function<double()> ours, peer;
  double seconds = 10;  ///< for all pairs together
  int pairs = 3;        ///< at least so many
};

struct Outcome {
  double ours, peer, ratio;
};

/// Runs both in turn, the first one changing from pair to pair; medians.
Outcome alternate(const Contest& contest);

double seconds_of(const std::function<void()>& work);
double median(std::vector<double> values);

std::string csv(const std::vector<Row>& rows);
/// A Markdown table for README, below a line that names the CPU.
std::string table(const std::vector<Row>& rows);

}  // namespace klbench::bench

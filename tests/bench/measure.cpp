#include "measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "core/cpus.h"

namespace klbench::bench {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Outcome alternate(const Contest& contest) {
  std::vector<double> ours, peer, ratios;
  double spent = 0;
  for (int pair = 0; pair < contest.pairs || spent < contest.seconds; ++pair) {
    spent += seconds_of([&] {
      if (pair % 2 == 0) ours.push_back(contest.ours());
      peer.push_back(contest.peer());
      if (pair % 2 == 1) ours.push_back(contest.ours());
    });
    ratios.push_back(ours.back() / peer.back());
  }
  return {median(ours), median(peer), median(ratios)};
}

std::string csv(const std::vector<Row>& rows) {
  const std::string cpu = cpu_name();
  std::string text = "workload,config,precision,peer,ours_per_s,peer_per_s,ratio,cpu\n";
  for (const auto& row : rows)
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{:.4g},{:.4g},{:.3f},\"{}\"\n", row.workload, row.config,
                   row.precision, row.peer, row.ours_per_s, row.peer_per_s, row.ratio, cpu);
  return text;
}

std::string table(const std::vector<Row>& rows) {
  std::string text = fmt::format("CPU: {}; {} CPUs usable, one thread a process\n\n", cpu_name(), usable_cpus());
  text +=
      "| workload | config | precision | against | ours/s | theirs/s | ratio | GFLOP/s | share of peak |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const auto& row : rows) {
    const auto rate = row.gflops > 0 ? fmt::format("{:.0f} | {:.0f}%", row.gflops, 100 * row.peak_share) : " | ";
    fmt::format_to(std::back_inserter(text), "| {} | {} | {} | {} | {:.4g} | {:.4g} | {:.2f} | {} |\n", row.workload,
                   row.config, row.precision, row.peer, row.ours_per_s, row.peer_per_s, row.ratio, rate);
  }
  return text;
}

}  // namespace klbench::bench

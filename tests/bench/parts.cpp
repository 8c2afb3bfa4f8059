#include "parts.h"

#include <ctime>
#include <numeric>

#include "measure.h"
#include "models/nn/gemm.h"

namespace klbench::bench {

namespace {

using nn::Matrix;

/// c [m, n] = a [m, k] b [k, n], `times` a step: more than once of one b, which is packed then.
struct Product {
  std::int64_t m, k, n;
  bool a_transposed, b_transposed;
  std::int64_t times = 1;
};

/// Median over rounds of the CPU time of this thread, which other processes on the machine do not count in.
double cpu_seconds_of(const std::function<void()>& work, int rounds) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  work();
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    const double start = now();
    work();
    seconds.push_back(now() - start);
  }
  return median(seconds);
}

double seconds_of_product(const Product& p, bool bf16) {
  const auto type = bf16 ? torch::kBFloat16 : torch::kFloat;
  const auto made = [](bool transposed, std::int64_t rows, std::int64_t columns, torch::ScalarType of) {
    return torch::ones({transposed ? columns : rows, transposed ? rows : columns}, of);
  };
  const auto a_tensor = made(p.a_transposed, p.m, p.k, type);
  const auto b_tensor = made(p.b_transposed, p.k, p.n, p.times > 1 ? torch::kFloat : type);
  const auto c_tensor = torch::empty({p.m, p.n});
  const Matrix a(a_tensor), b(b_tensor), c(c_tensor);
  const auto left = p.a_transposed ? a.t() : a, right = p.b_transposed ? b.t() : b;
  const auto work = [&] {
    if (p.times == 1) return nn::multiply(left, right, c);
    const nn::PackedProduct packed(p.m, right, left.type);
    for (std::int64_t i = 0; i < p.times; ++i) packed.run(left, c);
  };
  return cpu_seconds_of(work, 5);
}

Part part_of(const std::string& name, const std::vector<Product>& products, bool bf16) {
  Part part{name, 0};
  for (const auto& p : products) {
    part.seconds += seconds_of_product(p, bf16);
    part.flops += 2.0 * static_cast<double>(p.m * p.k * p.n * p.times);
  }
  return part;
}

/// Words and states times their weights, the gradients of both, and those of the weights.
std::vector<Product> lstm(const Config& c, std::int64_t steps) {
  const auto words = steps * c.batch, in = c.embedding, h = c.hidden, gates = 4 * h;
  return {{words, in, gates, false, true},  {c.batch, h, gates, false, true, steps},
          {words, gates, in, false, false}, {c.batch, gates, h, false, false, steps},
          {gates, words, in, true, false},  {gates, words, h, true, false}};
}

std::vector<Product> output(const Config& c) {
  const auto words = c.tokens(), h = c.hidden, v = c.vocabulary;
  return {{words, h, v, false, true}, {words, v, h, false, false}, {v, words, h, true, false}};
}

}  // namespace

Parts parts_of_step(const Config& config, Mode mode) {
  const bool bf16 = mode == Mode::bf16;
  const int rounds = config.name == "small" ? 21 : 3;
  Workload workload(config, mode);
  Parts found{cpu_seconds_of([&] { workload.train_step(); }, rounds), {}};
  found.parts = {part_of("encoder", lstm(config, config.steps + 1), bf16),
                 part_of("decoder", lstm(config, config.steps), bf16),
                 part_of("output", output(config), bf16),
                 {"optimiser", cpu_seconds_of([&] { workload.optimiser_step(); }, rounds)}};
  const auto add = [](double sum, const Part& part) { return sum + part.seconds; };
  found.parts.push_back({"rest", found.step - std::accumulate(found.parts.begin(), found.parts.end(), 0.0, add)});
  return found;
}

}  // namespace klbench::bench

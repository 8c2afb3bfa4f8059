/// klbench_bench: speed of the fast layers against plain LibTorch in this binary, against PyTorch in another process,
/// and of two processes against one. Each comparison alternates, and its ratio is the median over the pairs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <map>

#include "core/cpu_precision.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "measure.h"
#include "metrics/estimate.h"
#include "metrics/mi.h"
#include "models/batches.h"
#include "models/precision.h"
#include "parts.h"
#include "workload.h"

namespace klbench::bench {

namespace {

constexpr std::int64_t kSamples = 500;

struct Settings {
  bool quick = false;
  std::string only;  ///< a workload, or empty for all
  std::string csv_file;
  std::vector<std::string> worker;  ///< config, mode, seconds: what a child process measures
};

class Bench {
 public:
  explicit Bench(Settings settings) : settings_(std::move(settings)) {
    for (const auto mode : {Mode::f32, Mode::bf16})
      if (mode == Mode::f32 || cpu_has_avx512()) peak_[mode] = gemm_peak(mode == Mode::bf16);
    for (const auto& [mode, rate] : peak_) fmt::print("matrix products, {}: {:.0f} GFLOP/s\n", name_of(mode), rate);
  }

  std::vector<Row> run() {
    for (const auto& config : configs())
      for (const auto& [mode, rate] : peak_) {
        if (wanted("train")) train(config, mode);
        if (wanted("iw_nll")) iw_nll(config, mode);
        if (wanted("batching")) batching(config, mode);
        if (wanted("parts")) parts(config, mode);
      }
    if (wanted("images")) {
      for (const char* decoder : {"mlp", "pixelcnn"}) images(decoder);
    }
    if (wanted("mi")) mi();
    if (wanted("two_workers"))
      for (const auto& [mode, rate] : peak_) two_workers(mode);
    return rows_;
  }

 private:
  bool wanted(const std::string& workload) const { return settings_.only.empty() || settings_.only == workload; }

  std::vector<Config> configs() const {
    return settings_.quick ? std::vector{small_config()} : std::vector{small_config(), paper_config()};
  }

  void train(const Config& config, Mode mode) {
    const bool small = config.name == "small";
    const int steps = small ? 10 : 1;
    const auto rate = [&, steps](Workload& workload) {
      const double seconds = seconds_of([&] {
        for (int i = 0; i < steps; ++i) workload.train_step();
      });
      return steps * static_cast<double>(config.tokens()) / seconds;
    };
    Workload fast(config, mode), plain(config, Mode::plain);
    fast.train_step();
    plain.train_step();
    const double flops = config.training_flops() / static_cast<double>(config.tokens());
    add("train", config, mode, "plain_libtorch", flops,
        {[&] { return rate(fast); }, [&] { return rate(plain); }, settings_.quick ? 3.0 : 12.0, small ? 5 : 3});
    add("train", config, mode, "peer_pytorch", flops,
        {[&] { return rate(fast); }, [&] { return pytorch("train", config); }, 0, pytorch_pairs()});
  }

  void iw_nll(const Config& config, Mode mode) {
    const bool small = config.name == "small";
    Workload fast(config, mode), plain(config, Mode::plain);
    const auto rate = [&](Workload& workload, std::int64_t sentences) {
      return static_cast<double>(sentences) / seconds_of([&] { workload.importance_nll(sentences, kSamples); });
    };
    const std::int64_t many = small ? 16 : 2;
    if (small) fast.importance_nll(1, kSamples), plain.importance_nll(1, 100);
    add("iw_nll", config, mode, "plain_libtorch", config.nll_flops(kSamples),
        {[&] { return rate(fast, many); }, [&] { return rate(plain, 1); }, small ? 5.0 : 0.0, small ? 3 : 2});
    if (!small) return;
    add("iw_nll", config, mode, "peer_pytorch", config.nll_flops(kSamples),
        {[&] { return rate(fast, many); }, [&] { return pytorch("iw_nll", config); }, 0, pytorch_pairs()});
  }

  /// An epoch of iid batches against one of bucketed batches of the same sentences, whose lengths are log-normal about
  /// 11 words (as glosses and news sentences).
  void batching(const Config& config, Mode mode) {
    torch::manual_seed(1);
    const auto lengths = (torch::randn({config.name == "small" ? 1024 : 128}) * 0.55 + std::log(11.0)).exp().round();
    Sentences sentences;
    for (std::int64_t i = 0; i < lengths.numel(); ++i) {
      const auto length = static_cast<std::int64_t>(std::clamp(lengths[i].item<double>(), 2.0, 60.0));
      for (std::int64_t t = 0; t < length; ++t)
        sentences.tokens.push_back(
            static_cast<std::int32_t>(kUnknown + 1 + (i * 31 + t * 7) % (config.vocabulary - 5)));
      sentences.offsets.push_back(static_cast<std::int64_t>(sentences.tokens.size()));
    }
    Workload workload(config, mode);
    const auto tokens_per_second = [&](Batching kind) {
      const BatchList batches(sentences, config.batch, kind, 1);
      double seconds = 0, tokens = 0;
      for (std::int64_t i = 0; i < batches.size(); ++i) {
        workload.set_batch(make_batch(sentences, batches.rows(i)));
        seconds += seconds_of([&] { workload.train_step(); });
        tokens += static_cast<double>(make_batch(sentences, batches.rows(i)).units());
      }
      return tokens / seconds;
    };
    const auto outcome = alternate({[&] { return tokens_per_second(Batching::iid); },
                                    [&] { return tokens_per_second(Batching::bucketed); }, 0, settings_.quick ? 2 : 3});
    keep({"batching", config.name, name_of(mode), "bucketed", outcome.ours, outcome.peer, outcome.ratio});
  }

  /// What of the CPU time of a training step goes where: the ratio is a part's share.
  void parts(const Config& config, Mode mode) {
    const auto [step, all] = parts_of_step(config, mode);
    for (const auto& part : all) {
      const double gflops = part.flops / part.seconds * 1e-9;
      keep({"parts", config.name, name_of(mode), part.name, 1 / step, 1 / part.seconds, part.seconds / step, gflops,
            gflops / peak_.at(mode)});
    }
  }

  /// Training on images against the same network in PyTorch.
  void images(const std::string& decoder) {
    ImageWorkload workload(decoder);
    const int steps = decoder == "mlp" ? 50 : 2;
    const auto rate = [&] {
      const double seconds = seconds_of([&] {
        for (int i = 0; i < steps; ++i) workload.train_step();
      });
      return static_cast<double>(steps * ImageWorkload::kImages) / seconds;
    };
    workload.train_step();
    const auto peer = [&] {
      return rate_printed_by(
          {"/usr/bin/python3", KLBENCH_SOURCE_DIR "/tests/bench/peer_images.py", decoder, settings_.quick ? "2" : "5"});
    };
    const auto outcome = alternate({rate, peer, 0, pytorch_pairs()});
    keep({"images", decoder, "f32", "peer_pytorch", outcome.ours, outcome.peer, outcome.ratio});
  }

  /// mi of 5,000 posteriors in 32 dimensions against its definition in blocks of [n, N, d].
  void mi() {
    constexpr std::int64_t kExamples = 5000, kDimensions = 32, kBlock = 20;
    torch::manual_seed(1);
    const Posterior q{torch::randn({kExamples, kDimensions}), torch::randn({kExamples, kDimensions}) - 2};
    const auto z = gaussian_family().sample(q, torch::randn_like(q.mu));
    double ours = 0, theirs = 0;
    const auto definition = [&] {
      torch::Tensor total = torch::zeros({}, torch::kDouble);
      for (std::int64_t i = 0; i < kExamples; i += kBlock) {
        const auto difference = z.slice(0, i, i + kBlock).unsqueeze(1) - q.mu;
        const auto terms = difference.square() / q.log_var.exp() + q.log_var + std::log(2 * M_PI);
        const auto log_q = -terms.sum(2) / 2;
        total += (log_q.diagonal(i) - log_q.logsumexp(1)).sum();
      }
      theirs = total.item<double>() / kExamples + std::log(static_cast<double>(kExamples));
    };
    const auto outcome = alternate(
        {[&] { return 1 / seconds_of([&] { ours = over_draws(mutual_information_terms(q, z.unsqueeze(0))).value; }); },
         [&] { return 1 / seconds_of(definition); }, 0, settings_.quick ? 2 : 3});
    if (std::abs(ours - theirs) > 1e-3) throw Error(fmt::format("mi is {}, by its definition {}", ours, theirs));
    keep({"mi", "small", "f64", "plain_libtorch", outcome.ours, outcome.peer, outcome.ratio});
  }

  /// Two training processes at once, both together against one alone.
  void two_workers(Mode mode) {
    const double seconds = settings_.quick ? 3 : 10;
    const auto one = [&] { return worker("small", mode, seconds); };
    const auto two = [&] {
      auto first = std::async(std::launch::async, one), second = std::async(std::launch::async, one);
      return first.get() + second.get();
    };
    const auto outcome = alternate({two, one, 0, settings_.quick ? 1 : 3});
    keep({"two_workers", "small", name_of(mode), "one_worker", outcome.ours, outcome.peer, outcome.ratio});
  }

  static double rate_printed_by(const std::vector<std::string>& argv) {
    const auto result = run_process(argv);
    if (!result.ok()) throw Error(argv[0] + " failed: " + one_line(result.err));
    return std::stod(result.out);
  }

  static double worker(const std::string& config, Mode mode, double seconds) {
    return rate_printed_by({executable_path(), "--worker", config, name_of(mode), std::to_string(seconds)});
  }

  double pytorch(const std::string& what, const Config& config) const {
    std::vector<std::string> argv{"/usr/bin/python3", KLBENCH_SOURCE_DIR "/tests/bench/peer_pytorch.py", what};
    for (const auto size : {config.vocabulary, config.embedding, config.hidden, config.steps, config.batch})
      argv.push_back(std::to_string(size));
    argv.push_back(settings_.quick ? "2" : "5");
    return rate_printed_by(argv);
  }

  int pytorch_pairs() const { return settings_.quick ? 1 : 3; }

  void add(const std::string& workload, const Config& config, Mode mode, const std::string& peer, double flops,
           const Contest& contest) {
    const auto outcome = alternate(contest);
    const double gflops = outcome.ours * flops * 1e-9;
    keep({workload, config.name, name_of(mode), peer, outcome.ours, outcome.peer, outcome.ratio, gflops,
          gflops / peak_.at(mode)});
  }

  void keep(const Row& row) {
    rows_.push_back(row);
    fmt::print("{} {} {}: {:.4g}/s, {} {:.4g}/s, ratio {:.2f}\n", row.workload, row.config, row.precision,
               row.ours_per_s, row.peer, row.peer_per_s, row.ratio);
    std::fflush(stdout);
  }

  Settings settings_;
  std::map<Mode, double> peak_;
  std::vector<Row> rows_;
};

/// Trains alone for a while and prints tokens per second; peak RSS goes to standard error.
void run_worker(const std::vector<std::string>& what) {
  Workload workload(what[0] == "paper" ? paper_config() : small_config(), mode_from(what[1]));
  const double budget = std::stod(what[2]);
  for (int i = 0; i < 5; ++i) workload.train_step();
  double spent = 0, tokens = 0;
  while (spent < budget) {
    spent += seconds_of([&] { workload.train_step(); });
    tokens += static_cast<double>(workload.config().tokens());
  }
  std::cout << tokens / spent << '\n';
  std::cerr << fmt::format("peak RSS {:.0f} MiB\n", peak_rss_mib());
}

int run(int argc, char** argv) {
  Settings settings;
  settings.csv_file = (std::filesystem::path(executable_path()).parent_path() / "bench.csv").string();
  CLI::App app("Speed of klbench's layers against plain LibTorch and PyTorch");
  app.add_flag("--quick", settings.quick, "small sizes, few pairs (about a minute)");
  app.add_option("--only", settings.only, "one workload")
      ->check(CLI::IsMember({"train", "iw_nll", "batching", "parts", "images", "mi", "two_workers"}));
  app.add_option("--csv", settings.csv_file, "where the table goes");
  app.add_option("--worker", settings.worker, "CONFIG MODE SECONDS: train alone, print tokens per second")->expected(3);
  CLI11_PARSE(app, argc, argv);
  torch::set_num_threads(1);
  if (!settings.worker.empty()) return run_worker(settings.worker), 0;
  const auto rows = Bench(settings).run();
  write_file_durably(settings.csv_file, csv(rows));
  std::cout << '\n' << table(rows);
  for (const auto* config : {"small", "paper"})
    if (!settings.quick || std::string(config) == "small")
      std::cout << "training, " << config << ": "
                << run_process({executable_path(), "--worker", config, "f32", "2"}).err;
  std::cout << "written: " << settings.csv_file << '\n';
  return 0;
}

}  // namespace

}  // namespace klbench::bench

int main(int argc, char** argv) {
  // Before any library makes its thread pool: one compute thread a process.
  for (const auto* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
    if (!std::getenv(name)) {
      setenv("OMP_NUM_THREADS", "1", 1);
      setenv("OPENBLAS_NUM_THREADS", "1", 1);
      execv("/proc/self/exe", argv);
    }
  try {
    return klbench::bench::run(argc, argv);
  } catch (const klbench::Error& error) {
    std::cerr << "klbench_bench: " << error.what() << '\n';
    return error.exit_code();
  }
}

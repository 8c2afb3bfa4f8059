// klbench_metric_validation <csv> <figure folder>: klbench's estimators on models of which the truth is known, by
// numbers of examples (N), importance samples (K) and dimensions (d), over repetitions with other examples and draws.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <numeric>
#include <utility>

#include "core/files.h"
#include "metrics/active_units.h"
#include "metrics/estimate.h"
#include "metrics/importance_nll.h"
#include "metrics/marginal_kl.h"
#include "metrics/mi.h"
#include "metrics/perplexity.h"
#include "metrics/surgery.h"
#include "metrics/swap.h"
#include "validation/known_models.h"
#include "validation/results.h"

namespace klbench::testing {

namespace {

constexpr std::int64_t kDraws = 8;  // eval.mi_samples

torch::Tensor one_draw(const Posterior& q, std::uint64_t seed) {
  return gaussian_family().sample(q, normal_noise(q.mu.sizes(), seed));
}

std::vector<std::int64_t> numbers_to(std::int64_t n) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

/// What information theory has: mi, mi_batch of 64, and the two marginal KLs.
template <class Model>
void measure_information(const Model& model, const Place& place, int repetitions, Results& results) {
  const auto truth = model.truth();
  for (int r = 0; r < repetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(1000 * (r + 1));
    const auto q = model.posterior(model.sample(place.n, seed));
    std::vector<torch::Tensor> draws;
    for (std::uint64_t s = 0; s < kDraws; ++s) draws.push_back(one_draw(q, seed + 10 + s));
    const auto z = torch::stack(draws);
    const auto mi = over_draws(mutual_information_terms(q, z));
    const double kl = gaussian_family().kl(q).sum(1).mean().template item<double>();
    std::vector<std::vector<std::int64_t>> batches;
    for (std::int64_t begin = 0; begin < place.n; begin += 64) {
      batches.push_back(numbers_to(std::min<std::int64_t>(64, place.n - begin)));
      for (auto& row : batches.back()) row += begin;
    }
    results.add(place, "mi", truth.mi, mi);
    results.add(place, "mi_batch", truth.mi, over_draws(mutual_information_batch_terms(q, z, batches)));
    results.add(place, "kl", truth.kl, {kl});
    results.add(place, "marginal_kl_gap", truth.marginal_kl, {marginal_kl_gap(kl, mi.value), mi.error});
    results.add(place, "marginal_kl_gaussian", truth.marginal_kl, {marginal_kl_gaussian(q, draws[0])});
    results.add(place, "au", truth.au, {static_cast<double>(active_units(latent_moments(q).mu_var))});
  }
}

/// The same examples throughout: the spread is that of the draws, which is what the stated error is about.
void measure_errors(const Ppca& model, Place place, int repetitions, Results& results) {
  const auto q = model.posterior(model.sample(place.n, 1));
  const auto whole = std::vector<std::vector<std::int64_t>>{numbers_to(place.n)};
  for (const std::int64_t draws : {std::int64_t{1}, kDraws}) {
    place.posterior = fmt::format("own, same examples, S = {}", draws);
    for (int r = 0; r < repetitions; ++r) {
      std::vector<torch::Tensor> z;
      for (std::int64_t s = 0; s < draws; ++s) z.push_back(one_draw(q, static_cast<std::uint64_t>(100 * (r + 1) + s)));
      results.add(place, "mi", model.truth().mi, over_draws(mutual_information_terms(q, torch::stack(z))));
      results.add(place, "mi by closed-form entropy", model.truth().mi,
                  over_draws(mutual_information_batch_terms(q, torch::stack(z), whole)));
    }
  }
}

/// The two parts of the marginal KL.
template <class Model>
void measure_surgery(const Model& model, const Place& place, int repetitions, Results& results) {
  const auto truth = model.truth();
  for (int r = 0; r < repetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(1000 * (r + 1));
    const auto q = model.posterior(model.sample(place.n, seed));
    const auto found = surgery(q, one_draw(q, seed + 10));
    results.add(place, "total_correlation", truth.total_correlation, over_examples(found.total_correlation));
    results.add(place, "dimension_kl", truth.dimension_kl, over_examples(found.dimension_kl));
  }
}

/// nll of given examples by K, against theirs, and rate_used, by the rec of one draw, against the population's.
template <class Model>
void measure_nll(const Model& model, Place place, const std::vector<std::int64_t>& rounds, int repetitions,
                 Results& results) {
  const double truth = model.truth().rate_used;
  for (int r = 0; r < repetitions; ++r) {
    const auto x = model.sample(place.n, static_cast<std::uint64_t>(1000 * (r + 1)));
    std::vector<torch::Tensor> nll, error;
    for (std::int64_t begin = 0; begin < place.n; begin += 50) {
      const auto part = x.slice(0, begin, begin + 50);
      auto rows = numbers_to(part.size(0));
      for (auto& row : rows) row += begin;
      const auto found = importance_nll(model.posterior(part), rows, model.log_p(part),
                                        {.rounds = rounds, .seed = static_cast<std::uint64_t>(r)});
      nll.push_back(found.by_round);
      error.push_back(found.error_by_round);
    }
    const auto all = torch::cat(nll, 1), errors = torch::cat(error, 1);
    const double exact = model.nll(x).mean().template item<double>();
    const auto z = one_draw(model.posterior(x), static_cast<std::uint64_t>(1000 * (r + 1) + 10));
    const auto rec = -model.log_p(x)(torch::arange(place.n), z.unsqueeze(0)).squeeze(0);
    for (std::size_t k = 0; k < rounds.size(); ++k) {
      place.k = rounds[k];
      const auto round = static_cast<std::int64_t>(k);
      auto estimate = mean_of(all[round], errors[round]);
      estimate.value -= exact;  // the examples differ between repetitions, the truth is theirs
      results.add(place, "nll - exact", 0, estimate);
      results.add(place, "rate_used", truth, rate_used(all[round], rec));
    }
  }
}

/// rec and its rise when z, or one dimension of it, is another example's.
void measure_decoder(const Ppca& model, const Place& place, int repetitions, Results& results) {
  const auto truth = model.truth();
  const double used = truth.decoder_gap.gt(0.01).sum().item<double>();
  for (int r = 0; r < repetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(1000 * (r + 1));
    const auto x = model.sample(place.n, seed);
    const auto q = model.posterior(x);
    const auto z = one_draw(q, seed + 10);
    const std::vector<std::int64_t> lengths(static_cast<std::size_t>(place.n), 1);
    const auto swapped = z.index_select(0, torch::tensor(length_derangement(lengths, seed)));
    const auto only = torch::eye(model.dims(), torch::kFloat64).unsqueeze(1);
    const auto log_p = model.log_p(x);
    const auto all = torch::arange(place.n);
    const auto rec = -log_p(all, z.unsqueeze(0)).squeeze(0);
    const auto use = decoder_use(-log_p(all, z + only * (swapped - z)), rec);
    results.add(place, "swap_gap", truth.swap_gap, swap_gap(-log_p(all, swapped.unsqueeze(0)).squeeze(0), rec));
    results.add(place, "rec", truth.rec, over_examples(rec));
    results.add(place, "decoder_au", used, {static_cast<double>(use.active)});
    results.add(place, "au", truth.au, {static_cast<double>(active_units(latent_moments(q).mu_var))});
  }
}

Place at(const std::string& model, const std::string& posterior, std::int64_t d, double mi, std::int64_t n) {
  return {.model = model, .posterior = posterior, .d = d, .mi = mi, .n = n};
}

const std::string kLinear = "linear-Gaussian", kPhrases = "phrases";
const Mismatch kHole{.scale = 1.2, .shift = 0.2}, kCorrelated{.correlation = 0.5};

Phrases phrases(std::int64_t d) { return {d, 1.5, 1, 7}; }

void measure_all_information(Results& results) {
  for (const std::int64_t d : {2, 8, 32}) {
    for (const std::int64_t n : {300, 1000, 3000}) {
      for (const double mi : {0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0}) {
        measure_information(Ppca::with_mi(d, mi, {}, 1), at(kLinear, "own", d, mi, n), 10, results);
        if (n != 1000) continue;
        measure_information(Ppca::with_mi(d, mi, kHole, 1), at(kLinear, "hole", d, mi, n), 10, results);
      }
    }
  }
  for (const double mi : {0.5, 2.0, 4.0}) {
    measure_errors(Ppca::with_mi(32, mi, {}, 1), at(kLinear, "", 32, mi, 300), 100, results);
  }
  for (const std::int64_t d : {1, 2}) {
    for (const std::int64_t n : {100, 300, 1000, 3000}) {
      measure_information(phrases(d), at(kPhrases, "own moments", d, 0, n), 20, results);
    }
  }
}

/// klbench takes 2,000 examples at most.
void measure_all_surgery(Results& results) {
  for (const std::int64_t d : {2, 8, 32}) {
    for (const std::int64_t n : {300, 1000, 2000}) {
      for (const double mi : {0.5, 1.0, 2.0, 4.0, 6.0, 8.0}) {
        measure_surgery(Ppca::with_mi(d, mi, {}, 1), at(kLinear, "own", d, mi, n), 10, results);
        if (n != 1000) continue;
        measure_surgery(Ppca::with_mi(d, mi, kHole, 1), at(kLinear, "hole", d, mi, n), 10, results);
        measure_surgery(Ppca::with_mi(d, mi, kCorrelated, 1), at(kLinear, "correlated", d, mi, n), 10, results);
      }
    }
  }
  for (const std::int64_t n : {100, 300, 1000, 2000}) {
    measure_surgery(phrases(2), at(kPhrases, "own moments", 2, 0, n), 20, results);
  }
}

void measure_all_nll(Results& results) {
  const std::vector<std::int64_t> rounds{1, 5, 10, 50, 100, 500, 1000, 5000};
  const std::vector<std::pair<std::string, Mismatch>> posteriors = {
      {"own", {}}, {"half the variance", {.widen = 0.5}}, {"twice the variance", {.widen = 2}}, {"hole", kHole}};
  for (const auto& [name, mismatch] : posteriors) {
    for (const std::int64_t d : {2, 8, 32}) {
      const Ppca model(torch::full({d}, 0.5, torch::kFloat64), mismatch, 1);
      measure_nll(model, at(kLinear, name, d, 0, 200), rounds, 10, results);
      if (name != "twice the variance") continue;
      for (const std::int64_t n : {100, 300, 1000, 3000}) {
        measure_nll(model, at(kLinear, name, d, 0, n), {500}, 10, results);
      }
    }
  }
  for (const std::int64_t d : {1, 2}) {
    measure_nll(phrases(d), at(kPhrases, "own moments", d, 0, 200), rounds, 10, results);
  }
}

void measure_all_decoder(Results& results) {
  const auto ladder = torch::logspace(-4, -0.3, 32, 10, torch::kFloat64);  // rho of 32 dimensions, 15 of them >= 0.01
  for (const std::int64_t n : {100, 300, 500, 1000, 3000}) {
    measure_decoder(Ppca(ladder, {}, 1), at(kLinear, "ladder", 32, 0, n), 20, results);
  }
}

Results measure_all() {
  Results results;
  const std::vector<std::pair<const char*, void (*)(Results&)>> parts{
      {"mutual information and marginal KL", measure_all_information},
      {"parts of the marginal KL", measure_all_surgery},
      {"nll", measure_all_nll},
      {"active units and decoder", measure_all_decoder}};
  for (const auto& [what, measure] : parts) {
    std::cerr << what << " ...\n";
    measure(results);
  }
  return results;
}

}  // namespace

}  // namespace klbench::testing

int main(int argc, char** argv) {
  using namespace klbench;
  using namespace klbench::testing;
  const bool draw_only = argc == 4 && std::string(argv[1]) == "draw";
  if (argc != 3 && !draw_only) {
    std::cerr << "usage: klbench_metric_validation [draw] CSV FOLDER   (draw: from the CSV that is there)\n";
    return 2;
  }
  const std::string csv = argv[argc - 2], folder = argv[argc - 1];
  torch::NoGradGuard no_grad;
  if (!draw_only) {
    write_file_durably(csv, measure_all().csv());
  }
  const auto drawing = draw_validation(Results::from_csv(read_file(csv)), folder);
  for (const auto& problem : drawing.problems) std::cerr << problem << "\n";
  for (const auto& file : drawing.files) std::cout << file.string() << "\n";
  return drawing.problems.empty() ? 0 : 1;
}

#include "metrics/evaluate.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "catch.h"
#include "metrics/decoder_use.h"
#include "metrics/importance_nll.h"
#include "metrics/metrics_data.h"
#include "models/image_model.h"
#include "models/small_model.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

double value(const FinalMetrics& metrics, const std::string& name) {
  INFO(name);
  REQUIRE(metrics.count(name) == 1);
  REQUIRE(metrics.at(name).values.size() == 1);
  return metrics.at(name).values[0];
}

std::set<std::string> names(const FinalMetrics& metrics) {
  std::set<std::string> all;
  for (const auto& [name, metric] : metrics) all.insert(name);
  return all;
}

/// Makes every word equally likely whatever z is.
void silence_decoder(Vae& model) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model->decoder().parameters()) parameter.zero_();
}

const EvaluationOptions kOptions{.seed = 3, .batch_size = 8, .nll_samples = 40};

FinalMetrics probes_of(Vae& model, const Dataset& data) {
  auto options = kOptions;
  options.asked = {"eval.probe"};
  auto metrics = evaluate(model, data.split("test"), options, &data);
  std::erase_if(metrics, [](const auto& metric) { return !metric.first.starts_with("probe_"); });
  return metrics;
}

}  // namespace

TEST_CASE("an evaluation has all metrics that apply, each with its estimator and count") {
  auto model = small_model(3);
  const auto split = random_sentences(60, 1);
  auto options = kOptions;
  options.with_nll = false;
  const std::set<std::string> cheap{
      "elbo", "rec",     "kl",     "kl_dim",      "mi",      "mi_batch", "marginal_kl_gaussian", "marginal_kl_gap",
      "au",   "mu_mean", "mu_var", "sigma2_mean", "swap_gap"};
  const std::set<std::string> costly{"nll",           "nll_ess",           "ppl",          "rate_used",
                                     "decoder_au",    "decoder_gap",       "bleu",         "decoder_gap_error",
                                     "latent_points", "total_correlation", "dimension_kl", "posterior_histogram"};
  auto built_in = cheap;
  built_in.insert(costly.begin(), costly.end());
  const auto known = [&](const FinalMetrics& metrics) {  // a metric that is added to the tree is none of ours
    auto found = names(metrics);
    std::erase_if(found, [&](const std::string& name) { return !built_in.contains(name); });
    return found;
  };
  CHECK(known(evaluate(model, split, options)) == cheap);
  const auto metrics = evaluate(model, split, kOptions);
  CHECK(known(metrics) == built_in);
  for (const auto& [name, metric] : metrics) {
    INFO(name);
    CHECK(metric.attributes.count("estimator") == 1);
    CHECK(metric.attributes.count("examples") == 1);
    CHECK(metric.attributes.count("samples") == 1);
    for (const double x : metric.values) CHECK(std::isfinite(x));
  }
  CHECK(metrics.at("kl_dim").values.size() == 3);
  CHECK(std::get<std::int64_t>(metrics.at("nll").attributes.at("samples")) == 40);
  CHECK(std::get<double>(metrics.at("mi").attributes.at("cap")) == Approx(std::log(60.0)));
  CHECK(std::get<double>(metrics.at("mi_batch").attributes.at("cap")) == Approx(std::log(8.0)));
  CHECK(std::get<std::int64_t>(metrics.at("mi").attributes.at("samples")) == 8);
  CHECK(std::get<std::int64_t>(metrics.at("decoder_au").attributes.at("examples_cap")) == 500);
  CHECK(std::get<std::int64_t>(metrics.at("latent_points").attributes.at("examples_cap")) == 500);
  const std::set<std::string> estimates{"elbo", "rec", "mi",      "mi_batch",  "marginal_kl_gap",   "swap_gap",
                                        "nll",  "ppl", "nll_ess", "rate_used", "total_correlation", "dimension_kl",
                                        "bleu"};
  for (const auto& name : built_in) {
    INFO(name);
    const auto& metric = metrics.at(name);
    CHECK(metric.attributes.count("error") == estimates.count(name));
    CHECK(metric.attributes.count("error_over") == estimates.count(name));
    // No sentence of so few shares four words with another: the BLEU of all is 0.
    if (estimates.count(name) && name != "bleu") CHECK(std::get<double>(metric.attributes.at("error")) > 0);
  }
}

TEST_CASE("the metrics of one evaluation fit together") {
  auto model = small_model(3);
  const auto metrics = evaluate(model, random_sentences(80, 2), kOptions);
  double kl = 0;
  for (const double x : metrics.at("kl_dim").values) kl += x;
  CHECK(value(metrics, "kl") == Approx(kl));
  CHECK(value(metrics, "elbo") == Approx(-(value(metrics, "rec") + kl)));
  CHECK(value(metrics, "rate_used") == Approx(value(metrics, "nll") - value(metrics, "rec")));
  CHECK(value(metrics, "marginal_kl_gap") == Approx(kl - value(metrics, "mi")));
  CHECK(value(metrics, "nll") < -value(metrics, "elbo"));
  CHECK(value(metrics, "mi") <= std::log(80.0));
  CHECK(evaluate_mi(model, random_sentences(80, 2), kOptions) == value(metrics, "mi"));
}

TEST_CASE("rec, kl and nll are kept by example where nll is measured") {
  auto model = small_model(3);
  const auto split = random_sentences(30, 2);
  auto options = kOptions;
  options.nll_examples = 12;
  const auto metrics = evaluate(model, split, options);
  const auto mean = [&](const std::string& name) {
    double sum = 0, count = 0;
    for (const float x : metrics.at(name).examples) {
      if (std::isnan(x)) continue;
      sum += static_cast<double>(x);
      ++count;
    }
    CHECK(count == (name == "nll" ? 12 : 30));
    return sum / count;
  };
  for (const std::string name : {"rec", "kl", "nll"}) {
    REQUIRE(metrics.at(name).examples.size() == 30);
    CHECK(mean(name) == Approx(value(metrics, name)).epsilon(1e-5));
  }
  const auto pass = pass_over(model, split, options);  // sentence by sentence, in the order of the data
  const auto measured = fixed_subset(30, 12);
  for (std::int64_t i = 0; i < 30; ++i) {
    const auto k = static_cast<std::size_t>(i);
    CHECK(metrics.at("rec").examples[k] == pass.rec[i].item<float>());
    CHECK(metrics.at("kl").examples[k] == Approx(pass.kl_dim[i].sum().item<double>()).epsilon(1e-4));
    CHECK(std::isnan(metrics.at("nll").examples[k]) == !std::binary_search(measured.begin(), measured.end(), i));
  }
  CHECK(metrics.at("elbo").examples.empty());
  options.with_nll = false;
  CHECK(evaluate(model, split, options).at("rec").examples.empty());
}

TEST_CASE("evaluating leaves the global random state and the training mode alone, and repeats itself") {
  auto model = small_model(3);
  model->train();
  const auto split = random_sentences(40, 3);
  const auto generator = at::globalContext().defaultGenerator(at::kCPU);
  const auto before = generator.get_state().clone();
  const auto first = evaluate(model, split, kOptions);
  CHECK(torch::equal(generator.get_state(), before));
  CHECK(model->is_training());
  torch::manual_seed(99);
  const auto second = evaluate(model, split, kOptions);
  for (const auto& [name, metric] : first) CHECK(second.at(name).values == metric.values);
  auto other = kOptions;
  other.seed = 4;
  const auto third = evaluate(model, split, other);
  CHECK(value(third, "rec") != value(first, "rec"));
  CHECK(value(third, "kl") == value(first, "kl"));
}

TEST_CASE("results do not depend on the batch size up to rounding") {
  auto model = small_model(3);
  const auto split = random_sentences(50, 4);
  auto large = kOptions;
  large.batch_size = 50;
  const auto a = evaluate(model, split, kOptions), b = evaluate(model, split, large);
  for (const auto& [name, metric] : a) {
    INFO(name);
    if (name == "mi_batch") continue;
    REQUIRE(b.at(name).values.size() == metric.values.size());
    for (std::size_t i = 0; i < metric.values.size(); ++i) {
      CHECK(b.at(name).values[i] == Approx(metric.values[i]).epsilon(1e-4).margin(1e-5));
    }
  }
}

TEST_CASE("a language model is measured on the examples that VAEs are measured on") {
  auto options = kOptions;
  options.nll_examples = 12;
  const auto split = random_sentences(30, 2);
  auto vae = small_model(3), language_model = small_model(0, "");
  const auto theirs = evaluate(vae, split, options), ours = evaluate(language_model, split, options);
  const auto& nll = ours.at("nll");
  CHECK(std::get<std::int64_t>(nll.attributes.at("examples")) == 12);
  CHECK(std::get<std::int64_t>(ours.at("ppl").attributes.at("examples")) == 12);
  double sum = 0;
  for (std::size_t i = 0; i < nll.examples.size(); ++i) {
    CHECK(std::isfinite(nll.examples[i]) == std::isfinite(theirs.at("nll").examples[i]));
    if (std::isfinite(nll.examples[i])) sum += static_cast<double>(ours.at("rec").examples[i]);
  }
  CHECK(nll.values[0] == Approx(sum / 12));
  CHECK(nll.values[0] != Approx(value(ours, "rec")));
}

TEST_CASE("a language model has rec, its exact nll and ppl") {
  auto model = small_model(3, "");
  const auto split = random_sentences(30, 5);
  const auto metrics = evaluate(model, split, kOptions);
  CHECK(names(metrics) == std::set<std::string>{"elbo", "rec", "nll", "ppl"});
  CHECK(value(metrics, "nll") == value(metrics, "rec"));
  CHECK(value(metrics, "elbo") == -value(metrics, "rec"));
  CHECK(std::get<std::string>(metrics.at("nll").attributes.at("estimator")) == "exact");
  silence_decoder(model);
  const auto uniform = evaluate(model, split, kOptions);
  CHECK(value(uniform, "ppl") == Approx(30).epsilon(1e-5));
  const double tokens = static_cast<double>(split.tokens.size() + 30) / 30;
  CHECK(value(uniform, "rec") == Approx(tokens * std::log(30.0)).epsilon(1e-5));
}

TEST_CASE("a decoder that ignores z has no gap, no active dimension, and pays for nothing") {
  auto model = small_model(3);
  silence_decoder(model);
  const auto split = random_sentences(60, 6);
  auto options = kOptions;
  options.nll_samples = 3000;
  const auto metrics = evaluate(model, split, options);
  CHECK(value(metrics, "swap_gap") == 0);
  CHECK(value(metrics, "decoder_au") == 0);
  CHECK(value(metrics, "kl") > 0.05);
  CHECK(value(metrics, "rate_used") == Approx(0).margin(0.02));
  CHECK(value(metrics, "ppl") == Approx(30).epsilon(0.01));
}

TEST_CASE("nll agrees with numerical integration over a one-dimensional latent") {
  auto model = small_model(1);
  {
    const torch::NoGradGuard no_grad;  // posteriors near the prior: no weight is large
    for (auto& parameter : model->group(kEncoder)) parameter.mul_(0.1);
  }
  const auto split = random_sentences(12, 7);
  const auto rows = fixed_subset(12, 0);
  const auto found = importance_nll(model, split, rows, {4000}, kOptions);
  const EvaluationMode evaluation(*model);
  const double step = 0.01;
  const auto z = torch::arange(-8, 8, step, torch::kFloat32).view({-1, 1, 1});
  for (const auto row : rows) {
    const auto rec = model->reconstruct_samples(make_batch(split, {row}), z).to(torch::kFloat64).squeeze(1);
    double sum = 0;
    for (std::int64_t g = 0; g < z.size(0); ++g) {
      const double at = -8 + step * static_cast<double>(g);
      sum += step * std::exp(-0.5 * at * at - rec[g].item<double>()) / std::sqrt(2 * std::numbers::pi);
    }
    UNSCOPED_INFO("ess " << found.ess[row].item<double>() << ", error " << found.error[row].item<double>());
    CHECK(found.nll[row].item<double>() == Approx(-std::log(sum)).margin(0.1));
  }
}

TEST_CASE("a subset and a tolerance of nll are recorded") {
  auto model = small_model(2);
  silence_decoder(model);
  auto options = kOptions;
  options.nll_samples = 500;
  options.nll_examples = 10;
  options.nll_tolerance = 0.1;
  const auto metrics = evaluate(model, random_sentences(60, 8), options);
  const auto& attributes = metrics.at("nll").attributes;
  CHECK(std::get<std::int64_t>(attributes.at("examples")) == 10);
  CHECK(std::get<std::int64_t>(attributes.at("examples_cap")) == 10);
  CHECK(std::get<double>(attributes.at("samples_used")) < 250);
  CHECK(std::get<double>(attributes.at("sentence_error")) < 0.1);
  CHECK(std::get<double>(attributes.at("error")) < 0.1 / std::sqrt(10.0));  // of the mean of ten
}

TEST_CASE("nll at several K comes from nested samples") {
  auto model = small_model(3);
  const auto split = random_sentences(30, 9);
  const auto metrics = evaluate_nll_by_samples(model, split, {5, 50, 500}, 20, kOptions);
  CHECK(names(metrics) == std::set<std::string>{"nll_5", "nll_50", "nll_500", "nll_ess"});
  CHECK(value(metrics, "nll_5") > value(metrics, "nll_500"));
  CHECK(std::get<std::int64_t>(metrics.at("nll_50").attributes.at("samples")) == 50);
  CHECK(std::get<std::int64_t>(metrics.at("nll_50").attributes.at("examples")) == 20);
  const auto rows = fixed_subset(30, 20);
  const auto direct = importance_nll(model, split, rows, {500}, kOptions);
  CHECK(value(metrics, "nll_500") == Approx(direct.nll.mean().item<double>()));
}

TEST_CASE("nll of a model without z is exact whatever K") {
  auto model = small_model(3, "");
  const auto split = random_sentences(30, 9);
  const auto metrics = evaluate_nll_by_samples(model, split, {5, 50}, 20, kOptions);
  CHECK(names(metrics) == std::set<std::string>{"nll_5", "nll_50"});
  const auto rec = pass_over(model, split, kOptions).rec.index_select(0, torch::tensor(fixed_subset(30, 20)));
  for (const auto& [name, metric] : metrics) {
    CHECK(value(metrics, name.c_str()) == Approx(rec.mean().item<double>()));
    CHECK(std::get<std::string>(metric.attributes.at("estimator")) == "exact");
    CHECK(std::get<std::int64_t>(metric.attributes.at("examples")) == 20);
  }
}

TEST_CASE("remedies with population statistics can be evaluated") {
  auto model = small_model(3, "bn_vae");
  const auto split = random_sentences(40, 10);
  Progress collect;
  collect.mode = Progress::Mode::collect;
  model->remedy().begin_statistics();
  {
    const EvaluationMode evaluation(*model);
    model->posterior(make_batch(split, fixed_subset(40, 0)), collect);
  }
  model->remedy().end_statistics();
  const auto metrics = evaluate(model, split, kOptions);
  for (const double mean : metrics.at("mu_mean").values) CHECK(mean == Approx(0).margin(1e-5));
  for (const double variance : metrics.at("mu_var").values) CHECK(variance == Approx(0.36).epsilon(0.01));  // gamma^2
  CHECK(value(metrics, "au") == 3);
  CHECK(value(metrics, "kl") > 3 * 0.36 / 2 * 0.99);  // the analytic floor
}

TEST_CASE("probes of a corpus come with their baselines") {
  auto model = small_model(4);
  TextCorpus corpus;
  corpus.train = random_sentences(150, 1);
  corpus.valid = random_sentences(60, 2);
  corpus.test = random_sentences(60, 3);
  const auto metrics = probes_of(model, corpus);
  CHECK(names(metrics) == std::set<std::string>{"probe_accuracy", "probe_accuracy_100", "probe_accuracy_z",
                                                "probe_accuracy_z_100", "probe_accuracy_majority",
                                                "probe_accuracy_length"});
  const double share = value(metrics, "probe_accuracy_z");
  CHECK(std::get<double>(metrics.at("probe_accuracy_z").attributes.at("error")) ==
        Approx(std::sqrt(share * (1 - share) / 60)));
  CHECK(std::get<std::int64_t>(metrics.at("probe_accuracy").attributes.at("labels")) == 150);
  CHECK(value(metrics, "probe_accuracy") > 0.1);
  CHECK(value(metrics, "probe_accuracy") < 0.7);  // labels are drawn at random
  CHECK_FALSE(evaluate(model, corpus.test, kOptions, &corpus).contains("probe_accuracy"));  // no study asks for it
  corpus.test.labels.clear();
  CHECK(probes_of(model, corpus).empty());
  ImageCorpus images;
  images.shape = {1, 2, 3};
  for (Images* split : {&images.train, &images.valid, &images.test}) {
    *split = random_images(20, images.shape);
    for (std::int32_t i = 0; i < 20; ++i) split->labels.push_back(i % 2);
  }
  auto of_images = image_model(images.shape, 2, "mlp", "mlp");
  const auto found = probes_of(of_images, images);  // which have no length
  CHECK(names(found) == std::set<std::string>{"probe_accuracy", "probe_accuracy_z", "probe_accuracy_majority"});
  CHECK_FALSE(found.at("probe_accuracy").attributes.contains("length_only"));
}

TEST_CASE("mi takes as many draws as it is told, the first of them the pass's") {
  auto model = small_model(3);
  const auto split = random_sentences(60, 12);
  auto options = kOptions;
  options.with_nll = false;
  options.mi_samples = 1;
  const auto one = evaluate(model, split, options);
  const auto pass = encode_over(model, split, options);
  CHECK(value(one, "mi") == Approx(mean_mi(pass.decoder_posterior, pass.z)));
  CHECK(one.at("mi").attributes.count("error") == 0);
  options.mi_samples = 5;
  const auto draws = latent_draws(pass, options);
  REQUIRE(draws.size(0) == 5);
  CHECK(torch::equal(draws[0], pass.z));
  CHECK_FALSE(torch::allclose(draws[3], draws[4], 0, 0.1));
  CHECK(value(evaluate(model, split, options), "mi") ==
        Approx(mean_mi(pass.decoder_posterior, latent_draws(pass, options))));
}

TEST_CASE("evaluations during training take fewer draws of mi of large splits") {
  CHECK(mi_samples_by_epoch(8, 300) == 8);
  CHECK(mi_samples_by_epoch(8, 3000) == 4);
  CHECK(mi_samples_by_epoch(8, 50000) == 1);
  CHECK(mi_samples_by_epoch(1, 2) == 1);
}

TEST_CASE("decoder_au counts by the errors that are stored beside the gaps") {
  auto model = small_model(3);
  const auto split = random_sentences(200, 13);
  const auto metrics = evaluate(model, split, kOptions);
  const auto& gap = metrics.at("decoder_gap").values;
  const auto& error = metrics.at("decoder_gap_error").values;
  REQUIRE(error.size() == 3);
  const auto z = encode_over(model, split, kOptions).z;
  const auto use = measure_decoder_use(model, split, fixed_subset(200, 0), z, kOptions);
  double active = 0;
  for (std::size_t j = 0; j < 3; ++j) {
    active += gap[j] > 0.01 && gap[j] > 3 * error[j] ? 1 : 0;
    CHECK(error[j] == Approx(use.error[static_cast<std::int64_t>(j)].item<double>()));
  }
  CHECK(value(metrics, "decoder_au") == active);
}

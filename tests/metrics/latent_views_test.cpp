#include "metrics/latent_views.h"

#include <cmath>
#include <numeric>

#include "catch.h"
#include "metrics/metrics_data.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("the histogram of posteriors equal to the prior is the prior's density") {
  const Posterior q{torch::zeros({7, 2}), torch::zeros({7, 2})};
  const auto metric = posterior_histogram(q, q.mu, 80, -5, 5);
  REQUIRE(metric.values.size() == 160);
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  const auto density = [&](double low) { return std::round((cdf(low + 0.125) - cdf(low)) / 0.125 * 4096) / 4096; };
  CHECK(metric.values[40] == density(0));
  CHECK(metric.values[80 + 56] == density(2));
  CHECK(std::get<std::int64_t>(metric.attributes.at("dims")) == 2);
  CHECK(std::get<std::int64_t>(metric.attributes.at("bins")) == 80);
  CHECK(std::get<double>(metric.attributes.at("low")) == -5);
}

TEST_CASE("the histogram shows two modes, by masses and by samples alike") {
  const auto side = torch::arange(20000).remainder(2).to(torch::kFloat32).unsqueeze(1) * 4 - 2;
  Posterior q{side, torch::full({20000, 1}, -1.0F)};
  const auto z = one_sample(q, 1);
  const auto masses = posterior_histogram(q, z, 40);
  const DisguisedGaussian family;
  q.family = &family;
  const auto counts = posterior_histogram(q, z, 40);
  for (std::size_t b = 0; b < 40; ++b) CHECK(masses.values[b] == Approx(counts.values[b]).margin(0.02));
  CHECK(masses.values[20] < 0.1 * masses.values[28]);
  CHECK(std::accumulate(masses.values.begin(), masses.values.end(), 0.0) * 0.25 == Approx(1.0).margin(1e-3));
}

TEST_CASE("latent points are the two dimensions with the largest KL, with their labels") {
  const auto mu = torch::tensor({{1.0F, 2.0F, 3.0F}, {4.0F, 5.0F, 6.0F}, {7.0F, 8.0F, 9.0F}});
  const auto kl = torch::tensor({{0.1F, 3.0F, 1.0F}, {0.1F, 3.0F, 1.0F}, {0.1F, 3.0F, 1.0F}});
  CHECK(latent_points(mu, kl, {5, 6, 7}, {0, 2}).values == std::vector<double>{2, 3, 5, 8, 9, 7});
  CHECK(latent_points(mu, kl, {}, {1}).values == std::vector<double>{5, 6, -1});
  const auto line = mu.slice(1, 0, 1);
  CHECK(latent_points(line, line, {5, 6, 7}, {1}).values == std::vector<double>{4, 4, 6});
  const auto fine = torch::tensor({{1 / 3.0F, -2.0F + 0.001F}});
  CHECK(latent_points(fine, fine.abs(), {}, {0}).values == std::vector<double>{-2, 85 / 256.0, -1});
}

TEST_CASE("latent points say what their labels are called, where that is short") {
  FinalMetrics metrics;
  name_labels(metrics, {"a"});
  CHECK(metrics.empty());
  metrics["latent_points"].values = {1, 2, 0};
  name_labels(metrics, {"a", "b\nc"});
  CHECK(metrics["latent_points"].attributes.at("label_names") == Value("a\nb\\nc\n"));
  FinalMetrics many;
  many["latent_points"].values = {1, 2, 0};
  name_labels(many, std::vector<std::string>(600, "12345678"));
  CHECK(many["latent_points"].attributes.empty());
}

#include "plotting/comparison.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "core/error.h"
#include "plotting/fixture.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// nll: a - b = 1 2 3 (p = .0742; within 1.5: t = -.5 sqrt 3, (1 + sqrt(.75 / 2.75)) / 2 = .7611); kl and mi: 0.9 1 1.1
/// (t = 10 sqrt 3, p = .003317).
StudyResult two_rows() {
  StudyResult study;
  study.name = "s";
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    const double s = static_cast<double>(seed);
    study.cells.push_back(make_cell("a", seed, {{"nll", 101 + s}, {"kl", 1.9 + 0.1 * s}, {"au", 3}}));
    study.cells.push_back(make_cell("b", seed, {{"nll", 100}, {"kl", 1}, {"mi", 1}, {"au", 3}}));
  }
  return study;
}

CompareRequest request(const std::vector<std::string>& metrics, const std::map<std::string, double>& margins = {}) {
  return {.a = "a", .b = "b", .metrics = metrics, .margins = margins};
}

std::string message(const CompareRequest& wanted) {
  try {
    compare_rows(two_rows(), wanted);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("two rows in words") {
  CHECK(to_text(compare_rows(two_rows(), request({"nll", "kl"}, {{"nll", 1.5}, {"kl", 2}}))) ==
        R"(s, test: a - b
nll (importance-weighted negative log-likelihood, nats per example)
  a 102.0000, b 100.0000 (3 seeds; by seed alone, as the results keep no value of it by example)
  difference +2.0000, 95% interval [-0.4841, +4.4841], p = 0.0742, over all metrics p = 0.0742: they cannot be told apart
  smallest difference found in 80% of such comparisons: 3.264 nats per example
  not shown to be equivalent within 1.5 nats per example (p = 0.7611)
kl (KL divergence, nats per example)
  a 2.0000, b 1.0000 (3 seeds; by seed alone, as the results keep no value of it by example)
  difference +1.0000, 95% interval [+0.7516, +1.2484], p = 0.0033, over all metrics p = 0.0066: they differ
  smallest difference found in 80% of such comparisons: 0.3264 nats per example
  equivalent within 2 nats per example (p = 0.0033)
)");
  CHECK_THAT(to_text(compare_rows(two_rows(), request({"au"}))),
             ContainsSubstring("not tested: the difference is the same for all seeds") && !ContainsSubstring("equal"));
}

TEST_CASE("two rows as JSON") {
  const auto json = nlohmann::json::parse(to_json(compare_rows(two_rows(), request({"nll", "kl"}, {{"kl", 2}}))));
  CHECK(json["a"] == "a");
  const auto& nll = json["metrics"][0];
  CHECK(nll["difference"].get<double>() == Approx(2));
  CHECK(nll["p"].get<double>() == Approx(0.0741799));
  CHECK(nll["seeds"] == 3);
  CHECK(nll["examples"].is_null());
  CHECK(nll["equivalent"].is_null());
  CHECK(json["metrics"][1]["equivalent"] == true);
  CHECK(json["metrics"][1]["p_holm"].get<double>() == Approx(2 * json["metrics"][1]["p"].get<double>()));
}

TEST_CASE("the usual metrics that both rows have") {
  const auto found = compare_rows(two_rows(), request({}));
  REQUIRE(found.metrics.size() == 3);
  CHECK(found.metrics[0].metric.name == "nll");
  CHECK(found.metrics[2].metric.name == "au");
}

TEST_CASE("two seeds are not compared") {
  StudyResult study = two_rows();
  study.cells.pop_back();
  const std::string text = to_text(compare_rows(study, request({"nll"})));
  CHECK_THAT(text, ContainsSubstring("not tested: 2 shared seeds, and it takes 3\n"));
  CHECK(nlohmann::json::parse(to_json(compare_rows(study, request({"nll"}))))["metrics"][0]["p"].is_null());
}

TEST_CASE("what cannot be compared is refused in one line") {
  auto wanted = request({"nll"});
  wanted.b = "bb";
  CHECK_THAT(message(wanted), ContainsSubstring("unknown row 'bb'"));
  wanted.b = "a";
  CHECK(message(wanted) == "'a' is compared with itself");
  wanted = request({"nll"});
  wanted.split = "tset";
  CHECK_THAT(message(wanted), ContainsSubstring("unknown split 'tset' (did you mean 'test'?)"));
  CHECK_THAT(message(request({"nlll"})), ContainsSubstring("unknown metric 'nlll' (did you mean 'nll'?)"));
  CHECK(message(request({"mi"})) ==
        "'a' and 'b' do not both have the metric 'mi' as a number on test; valid: au, kl, nll");
  CHECK_THAT(message(request({"nll"}, {{"", 0}})), ContainsSubstring("--margin 0 is not positive"));
  CHECK_THAT(message(request({"nll"}, {{"kl", 1}})), ContainsSubstring("unknown metric of --margin 'kl'"));
  CHECK_THAT(message(request({"nll", "au"}, {{"", 0.5}})),
             ContainsSubstring("--margin 0.5 has no one unit: the metrics are in dimensions, nats per example; write "
                               "--metric nll or --margin nll=0.5"));
}

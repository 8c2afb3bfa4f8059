#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kMetricTemplate = {"metric",
                                           &Components::metrics,
                                           "metrics/metric.h",
                                           "src/metrics",
                                           "tests/metrics",
                                           R"(#include "@header@"
@mark@
namespace klbench {

namespace {

/// What the metric is, as a formula, and the paper it is from. As written: the mean over sentences of their KL, nats,
/// divided by the number of their predicted words.
FinalMetric @key@(const MetricRequest& request) {
  const auto kl = request.pass.kl_dim.sum(1).to(torch::kFloat64);  // [N]
  const auto by_word = kl / request.pass.tokens;
  FinalMetric metric = scalar(over_examples(by_word), {"closed form", by_word.size(0)});
  metric.examples = by_example(by_word);
  return metric;
}

KLBENCH_METRIC(@key@, {.key = "@key@",
                       .summary = "one line for klbench list and axes",
                       .paper = "authors, venue year",
                       .domain = kText,
                       .units = "nats per word",
                       .head = "KL/word",  // of its column in tables
                       .least = 0});       // no interval is drawn beyond least and most

}  // namespace

}  // namespace klbench
)",
                                           R"(#include "metrics/metric.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("@key@ is the mean over sentences") {
  const auto& entry = MetricRegistry::instance().find("@key@");
  SplitPass pass;
  pass.kl_dim = torch::tensor({{1.0, 1.0}, {4.0, 2.0}});
  pass.tokens = torch::tensor({4, 3});
  Vae none{nullptr};
  CHECK(entry.measure({none, Sentences(), pass, {}}).values == std::vector<double>{(2.0 / 4 + 6.0 / 3) / 2});
}
)",
                                           "figures: [{name: @key@, kind: bars, metric: @key@}]"};

}  // namespace klbench

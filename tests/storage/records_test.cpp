#include "storage/records.h"

#include <cmath>
#include <set>

#include "catch.h"
#include "known_metrics.h"

using namespace klbench;

TEST_CASE("metrics are known by name") {
  CHECK(metric_info("kl").long_name == "KL divergence");
  CHECK(metric_info("kl").units == "nats per example");
  CHECK_FALSE(metric_info("kl").has_direction);
  CHECK(metric_info("elbo").higher_is_better);
  CHECK_FALSE(metric_info("nll").higher_is_better);
  CHECK(metric_info("nll").has_direction);
  std::set<std::string> names;
  for (const auto& info : known_metrics()) {
    CHECK_FALSE(info.long_name.empty());
    CHECK_FALSE(info.units.empty());
    CHECK(names.insert(info.name).second);
  }
  for (const char* name :
       {"elbo", "rec", "kl", "nll", "ppl", "mi", "mi_batch", "marginal_kl_gaussian", "marginal_kl_gap", "au",
        "swap_gap", "rate_used", "decoder_au", "kl_dim", "mu_mean", "mu_var", "sigma2_mean", "loss", "train_seconds"}) {
    CHECK(names.contains(name));
  }
}

TEST_CASE("suffixes extend the long name") {
  const MetricInfo last = metric_info("nll_last");
  CHECK(last.name == "nll_last");
  CHECK(last.long_name == "importance-weighted negative log-likelihood (last epoch)");
  CHECK(last.units == metric_info("nll").units);
  CHECK(metric_info("elbo_running").long_name == "evidence lower bound (running statistics)");
  CHECK(metric_info("elbo_running").higher_is_better);
}

TEST_CASE("metrics bring the head of their column and the values they can have") {
  CHECK(metric_info("nll_last").head == "NLL (last)");
  CHECK(metric_info("nll_500").head == "NLL 500");
  CHECK(metric_info("swap_gap_running").head == "Swap gap (running)");
  CHECK(metric_info("my_own_metric").head == "My own metric");
  CHECK(metric_info("probe_accuracy_z_100").most == 1);
  CHECK(metric_info("kl_last").least == 0);
  CHECK(metric_info("swap_gap").least == -HUGE_VAL);
  know_metrics_of_plugin(
      {{"of_a_plugin", {.key = "of_a_plugin", .summary = "one", .units = "1", .head = "Own", .most = 2.5}}});
  CHECK(metric_info("of_a_plugin_last").head == "Own (last)");
  CHECK(metric_info("of_a_plugin").most == 2.5);
  CHECK(metrics_of_plugins().contains("of_a_plugin"));
  CHECK_FALSE(metrics_of_plugins().contains("kl"));
  CHECK(metric_info("of_a_plugin").least == -HUGE_VAL);
}

TEST_CASE("probes and unknown metrics get a name of their own") {
  CHECK(metric_info("probe_accuracy_100").long_name == "accuracy of a linear probe on mu with 100 labels");
  CHECK(metric_info("probe_accuracy_z_1k").long_name == "accuracy of a linear probe on z ~ q with 1k labels");
  CHECK_FALSE(is_known_metric("probe_accuracy_of_words"));
  CHECK(metric_info("nll_5000").long_name == "negative log-likelihood with K = 5000");
  CHECK(metric_info("nll_5000").has_direction);
  CHECK_FALSE(metric_info("nll_5x").has_direction);
  CHECK(metric_info("my_own_metric").long_name == "my own metric");
  CHECK(metric_info("my_own_metric").units == "1");
  CHECK_FALSE(metric_info("my_own_metric").has_direction);
  CHECK(metric_info("_last").name == "_last");
}

#include "training/run_cell.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "catch.h"
#include "cells.h"
#include "core/error.h"
#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/journal.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::test;

namespace {

const Value& fact(const CellResult& result, const std::string& name) { return result.facts.at(name); }

/// Learns for one epoch and unlearns from then on, so that the first is the best on any CPU.
class TurnsBack : public Regularizer {
 public:
  TurnsBack(const Options& /*options*/, const ModelFacts& /*model*/) {}
  double rec_weight(const Progress& progress, const Metrics& /*last*/) override { return progress.epoch < 1 ? 1 : -1; }
};

KLBENCH_REGULARIZER(TurnsBack, {.key = "x_turns_back", .summary = "unlearns after the first epoch"});

}  // namespace

TEST_CASE("a cell publishes a result and leaves neither journal nor checkpoint") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"bn_vae", {{"gamma", 0.6}}}});
  train(config, scratch.path(), "a");
  CHECK_FALSE(std::filesystem::exists(scratch / "a.journal"));
  CHECK_FALSE(std::filesystem::exists(scratch / "a.checkpoint"));
  CHECK(std::filesystem::exists(scratch / "a.run.json"));

  const auto run = nlohmann::json::parse(read_file(scratch / "a.run.json"));
  CHECK(run.at("epochs_trained") == 3);
  for (const char* part : {"train_seconds", "evaluation_seconds", "recording_seconds", "diagnostics_seconds"}) {
    INFO(part);
    CHECK(run.at(part).get<double>() > 0);
  }
  CHECK(run.at("diagnostics_seconds").get<double>() < run.at("train_seconds").get<double>());
  CHECK(run.at("startup_seconds").get<double>() > 0);

  const auto result = read_cell(scratch / "a.h5");
  CHECK(result.status == CellStatus::done);
  CHECK(result.method == "bn_vae");
  REQUIRE(result.epochs.size() == 3);
  CHECK(result.epochs[2].epoch == 3);
  for (const auto& record : result.epochs) {
    CHECK(record.metrics.at("valid").at("elbo") ==
          Approx(-record.metrics.at("valid").at("rec") - record.metrics.at("valid").at("kl")));
    for (const auto& [name, values] : record.diagnostics) {
      INFO(name);
      for (const double value : values) CHECK(value == static_cast<float>(value));
    }
  }
  const auto& test = result.final.at("test");
  CHECK(test.at("au").values[0] == 4);
  CHECK(test.at("nll").values[0] < -test.at("elbo").values[0]);
  CHECK(std::isfinite(test.at("kl_running").values[0]));
  // The last epoch's weights are reported too: as they were evaluated after that epoch.
  CHECK(result.final.at("valid").at("elbo_last").values[0] == result.epochs[2].metrics.at("valid").at("elbo"));
  CHECK(test.at("kl_dim").values.size() == 4);
  // By sentence: of the selected weights on test, which nll is measured on.
  const auto& by_sentence = test.at("rec").examples;
  REQUIRE_FALSE(by_sentence.empty());
  CHECK(std::accumulate(by_sentence.begin(), by_sentence.end(), 0.0) / static_cast<double>(by_sentence.size()) ==
        Approx(test.at("rec").values[0]));
  CHECK(test.at("nll").examples.size() == by_sentence.size());
  CHECK(test.at("rec_last").examples.empty());
  CHECK(result.final.at("valid").at("rec").examples.empty());
  CHECK(std::get<std::string>(fact(result, "test_sentences")).size() == 32);
  CHECK(std::get<double>(fact(result, "valid_test_unk_share")) == 0);
  // Nominal floor d gamma^2 / 2 = 4 * 0.36 / 2.
  CHECK(std::get<double>(fact(result, "kl_floor_nominal")) == Approx(0.72));
  CHECK(std::get<std::int64_t>(fact(result, "floor_violations")) == 0);
  CHECK(std::get<std::int64_t>(fact(result, "floor_batches")) > 30);
  CHECK(std::get<double>(fact(result, "floor_min_slack")) >= -1e-4);
}

TEST_CASE("the last epoch's metrics are of its own weights, also where the rate would decay then") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"x_turns_back", {}}}, {{"trainer.lr", 0.1}, {"trainer.patience", std::int64_t{1}}});
  train(config, scratch.path(), "a");
  const CellResult result = read_cell(scratch / "a.h5");
  CHECK(std::get<std::int64_t>(fact(result, "selected_epoch")) == 1);
  CHECK(result.final.at("valid").at("elbo_last").values[0] == result.epochs[2].metrics.at("valid").at("elbo"));
  CHECK(result.final.at("valid").at("elbo").values[0] > result.final.at("valid").at("elbo_last").values[0]);
}

TEST_CASE("the language model has a rec, an nll that equals it and a perplexity, nothing of a latent") {
  const FolderWithCache scratch;
  auto config = small_cell({}, {{"model.latent_dim", std::int64_t{0}}, {"trainer.epochs", std::int64_t{1}}});
  train(config, scratch.path(), "lm");
  const auto result = read_cell(scratch / "lm.h5");
  CHECK(result.method == "lstm_lm");
  const auto& test = result.final.at("test");
  CHECK(test.at("nll").values[0] == Approx(test.at("rec").values[0]));
  CHECK(test.count("kl") == 0);
}

TEST_CASE("a cell interrupted after every few steps publishes the same bytes as an undisturbed one") {
  const FolderWithCache scratch;
  const auto parts = GENERATE(Parts{{"sym_bn_vae", {{"tau", 0.3}}}},
                              Parts{{"bn_vae", {{"gamma", 0.6}}}, {"kl_annealing", {{"warmup_epochs", 2.0}}}},
                              Parts{{"free_bits", {}}});
  const auto optimizer = GENERATE(as<std::string>(), "sgd", "adam");
  const auto config = small_cell(parts, {{"trainer.optimizer", optimizer},
                                         {"trainer.lr", optimizer == "sgd" ? 1.0 : 0.002},
                                         {"trainer.patience", std::int64_t{1}}});
  INFO(config.canonical());
  const std::string whole = train(config, scratch / "whole", "c");

  CHECK(train_in_pieces(config, scratch / "pieces", "c") == whole);
}

TEST_CASE("another seed gives another result, the same seed the same") {
  const FolderWithCache scratch;
  const std::map<std::string, Value> one_epoch{{"trainer.epochs", std::int64_t{1}}};
  auto config = small_cell({{"vae", {}}}, one_epoch);
  const auto first = train(config, scratch / "1", "s");
  CHECK(train(config, scratch / "2", "s") == first);
  config.values["seed"] = std::int64_t{1};
  CHECK(train(config, scratch / "3", "s") != first);
}

TEST_CASE("a damaged checkpoint costs time, not the result") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"vae", {}}});
  const auto whole = train(config, scratch / "whole", "d");
  const auto folder = scratch / "damaged";
  std::atomic<bool> stop{true};
  REQUIRE(run_cell({config, "d", folder, {}}, stop, [](const CellProgress&) {}) == CellStatus::interrupted);
  auto bytes = read_file(folder / "d.checkpoint");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file_durably(folder / "d.checkpoint", bytes);
  CHECK(train(config, folder, "d") == whole);
}

TEST_CASE("an epoch whose checkpoint is there goes on from it, whether the journal has its record or not") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"bn_vae", {{"gamma", 0.6}}}});
  const auto whole = train(config, scratch / "whole", "p");
  const auto folder = scratch / "parts";
  std::atomic<bool> stop{false};
  const auto stop_after_two = [&](const CellProgress& progress) { stop = progress.epochs_done >= 2; };
  REQUIRE(run_cell({config, "p", folder, {}}, stop, stop_after_two) == CellStatus::interrupted);
  REQUIRE(read_journal(folder / "p.journal").size() == 2);
  Journal(folder / "p.journal", "p").truncate_after(1);  // killed between checkpoint and journal
  stop = true;                                           // ends after one step of the third epoch
  REQUIRE(run_cell({config, "p", folder, {}}, stop, [](const CellProgress&) {}) == CellStatus::interrupted);
  CHECK(read_journal(folder / "p.journal").size() == 2);
  CHECK(train(config, folder, "p") == whole);
}

TEST_CASE("progress tells the means of the epoch, the last valid ELBO and what the checkpoint held") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"vae", {}}}, {{"eval.every", std::int64_t{2}}});
  std::atomic<bool> stop{false};
  std::vector<CellProgress> reports;
  const auto report = [&](const CellProgress& progress) {
    reports.push_back(progress);
    stop = progress.stage == CellProgress::Stage::epoch_ended && progress.epochs_done == 2;
  };
  REQUIRE(run_cell({config, "m", scratch.path(), {}}, stop, report) == CellStatus::interrupted);
  const auto records = read_journal(scratch / "m.journal");
  REQUIRE(records.size() == 2);
  CHECK(reports.front().epochs == 3);
  CHECK(reports.front().resumed_after == 0);
  CHECK(std::isnan(reports.front().loss));
  std::vector<CellProgress> ends;
  for (const auto& progress : reports) {
    if (progress.stage == CellProgress::Stage::epoch_ended) ends.push_back(progress);
  }
  REQUIRE(ends.size() == 2);
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    CHECK(ends[epoch].epochs_done == static_cast<double>(epoch + 1));
    CHECK(ends[epoch].loss == records[epoch].metrics.at("train").at("loss"));
    CHECK(ends[epoch].kl == records[epoch].metrics.at("train").at("kl"));
    CHECK(ends[epoch].tokens_per_second > 0);
  }
  CHECK(std::isnan(ends[0].valid_elbo));
  CHECK(ends[1].valid_elbo == records[1].metrics.at("valid").at("elbo"));

  reports.clear();
  REQUIRE(run_cell({config, "m", scratch.path(), {}}, stop, report) == CellStatus::done);
  CHECK(reports.front().resumed_after == 2);
  CHECK(reports.front().epochs_done == 2);
  CHECK(reports.front().loss == ends[1].loss);
  CHECK(reports.front().valid_elbo == ends[1].valid_elbo);
  CHECK(reports.back().stage == CellProgress::Stage::evaluating);
}

TEST_CASE("a damaged record of earlier attempts costs no cell") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"vae", {}}}, {{"trainer.epochs", std::int64_t{1}}});
  write_file_durably(scratch / "r.run.json", R"({"attempts": "x", "train_seconds": [], "host": 1})");
  train(config, scratch.path(), "r");
  CHECK_THAT(read_file(scratch / "r.run.json"), ContainsSubstring("\"attempts\": 1"));
}

TEST_CASE("a divergence is published once a second attempt meets it at the same step") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"vae", {}}}, {{"trainer.lr", 1e30}, {"trainer.clip", 0.0}});
  const std::atomic<bool> stop{false};
  std::vector<std::string> told;
  const CellJob job{config, "n", scratch.path(), {}, [&](const std::string& what) { told.push_back(what); }};
  REQUIRE(run_cell(job, stop, [](const CellProgress&) {}) == CellStatus::unconfirmed);
  CHECK_FALSE(std::filesystem::exists(scratch / "n.h5"));
  REQUIRE(run_cell(job, stop, [](const CellProgress&) {}) == CellStatus::diverged);
  const auto result = read_cell(scratch / "n.h5");
  CHECK(result.status == CellStatus::diverged);
  CHECK(result.final.empty());
  const auto step = std::get<std::int64_t>(fact(result, "diverged_step"));
  const auto quantity = std::get<std::string>(fact(result, "diverged_quantity"));
  CHECK((quantity == "loss" || quantity == "gradient norm"));
  REQUIRE(told.size() == 2);
  CHECK(told[0] == told[1]);
  CHECK_THAT(told[0], ContainsSubstring(quantity + " became ") && ContainsSubstring("at step " + std::to_string(step)));
  CHECK(std::get<std::string>(fact(result, "diverged")) == told[0]);
  CHECK_FALSE(std::filesystem::exists(scratch / "n.divergence"));
}

TEST_CASE("a divergence that does not come again at its step is no result") {
  const FolderWithCache scratch;
  const auto healthy = small_cell({{"vae", {}}}, {{"trainer.epochs", std::int64_t{1}}});
  const std::string whole = train(healthy, scratch.path(), "undisturbed");
  write_file_durably(scratch / "h.divergence", R"({"step": 2, "quantity": "loss"})");
  train(healthy, scratch.path(), "h");
  CHECK(read_cell(scratch / "h.h5").status == CellStatus::done);
  CHECK_FALSE(std::filesystem::exists(scratch / "h.divergence"));
  CHECK_THAT(read_file(scratch / "h.run.json"), ContainsSubstring("\"unrepeated_divergences\": 1"));

  const auto broken = small_cell({{"vae", {}}}, {{"trainer.lr", 1e30}, {"trainer.clip", 0.0}});
  const std::atomic<bool> stop{false};
  write_file_durably(scratch / "b.divergence", R"({"step": 1000, "quantity": "loss"})");
  CHECK_THROWS_WITH(run_cell({broken, "b", scratch.path(), {}, {}}, stop, [](const CellProgress&) {}),
                    ContainsSubstring("the attempt before diverged at step 1000 (loss): not reproducible"));
  CHECK_FALSE(std::filesystem::exists(scratch / "b.h5"));
}

TEST_CASE("before_publish can keep an attempt that lost its cell from publishing") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"vae", {}}}, {{"trainer.epochs", std::int64_t{1}}});
  const std::atomic<bool> stop{false};
  CHECK_THROWS_WITH(
      run_cell({config, "t", scratch.path(), [] { throw Error("not mine"); }}, stop, [](const CellProgress&) {}),
      ContainsSubstring("not mine"));
  CHECK_FALSE(std::filesystem::exists(scratch / "t.h5"));
}

TEST_CASE("no weights are selected before the remedy's schedule is complete") {
  const FolderWithCache scratch;
  const auto config = small_cell({{"kl_annealing", {{"warmup_epochs", 2.0}}}}, {{"trainer.epochs", std::int64_t{4}}});
  train(config, scratch.path(), "k");
  const auto result = read_cell(scratch / "k.h5");
  CHECK(std::get<std::int64_t>(fact(result, "selected_epoch")) >= 2);
  CHECK(std::get<bool>(fact(result, "schedule_complete")));
  // Linear from 0 over two epochs: the mean weight of the epochs is about 1/4, 3/4, 1, 1.
  CHECK(result.epochs[0].metrics.at("train").at("kl_weight") == Approx(0.25).margin(0.05));
  CHECK(result.epochs[1].metrics.at("train").at("kl_weight") == Approx(0.75).margin(0.05));
  CHECK(result.epochs[3].metrics.at("train").at("kl_weight") == Approx(1.0));
}

TEST_CASE("joined batches: a step of two batches of 8 is a step of one batch of 16 of the same sentences") {
  const FolderWithCache scratch;
  const std::map<std::string, Value> base{{"trainer.epochs", std::int64_t{1}},
                                          {"trainer.batch_size", std::int64_t{8}},
                                          {"trainer.accumulate", std::int64_t{2}}};
  train(small_cell({{"bn_vae", {}}}, base), scratch.path(), "j");
  const auto result = read_cell(scratch / "j.h5");
  CHECK(result.epochs[0].step == 25);  // 400 sentences in steps of 16
  CHECK(std::get<std::int64_t>(fact(result, "floor_violations")) == 0);
}

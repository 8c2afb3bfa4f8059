#include "storage/export.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "catch.h"

using namespace klbench;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

const std::map<std::string, std::string> kRowLabels = {{"c1", "bn_vae"}, {"c2", "bn_vae"}, {"c3", "vae"}};

CellResult cell(const std::string& id, const std::string& method, std::int64_t seed, double kl) {
  CellResult result;
  result.id = id;
  result.method = method;
  result.status = CellStatus::done;
  result.config = {{"seed", seed}, {"model.latent_dim", std::int64_t{2}}};
  result.final["test"]["kl"] = {{kl}, {}};
  result.facts = {{"floor_violations", std::int64_t{seed}}};
  return result;
}

/// Two methods, two seeds of the first; gamma varies, latent_dim does not, the note needs quoting.
StudyResult study() {
  StudyResult result;
  result.name = "hand made";
  result.cells = {cell("c1", "bn_vae", 0, 1.0), cell("c2", "bn_vae", 1, 2.0), cell("c3", "vae", 0, 0.1)};
  for (std::size_t i = 0; i < 2; ++i) {
    result.cells[i].config["regularizer.bn_vae.gamma"] = 0.6;
    result.cells[i].config["data.note"] = std::string("say \"a\", b");
  }
  result.cells[2].config["data.note"] = std::string("plain");
  result.cells[0].epochs.push_back({1, 10, {{"valid", {{"kl", 1.0 / 3.0}, {"mi", kNan}}}}, {}});
  result.cells[0].final["test"]["kl_dim"] = {{0.25, kInf}, {}};
  result.cells[2].final["test"]["kl"].attributes = {{"estimator", std::string("one z per x, mean")},
                                                    {"examples", std::int64_t{16}},
                                                    {"samples", std::int64_t{8}},
                                                    {"error", 0.03},
                                                    {"error_over", std::string("examples")}};
  result.cells[1].final["test"]["kl"].attributes = {{"error", kNan}};
  result.cells[2].status = CellStatus::diverged;
  result.missing = {"c4", "c5"};
  return result;
}

}  // namespace

TEST_CASE("csv, a row a number") {
  const std::string c1 = "hand made,c1,bn_vae,bn_vae,done,0,\"say \"\"a\"\", b\",";
  const std::string c2 = "hand made,c2,bn_vae,bn_vae,done,1,\"say \"\"a\"\", b\",";
  const std::string c3 = "hand made,c3,vae,vae,diverged,0,plain,";
  const std::vector<std::string> lines = {
      "study,cell,label,regularizer,status,seed,data.note,"
      "split,metric,epoch,value,units,estimator,examples,samples,error,error_over",
      c1 + "valid,kl,1,0.3333333333333333,nats per example,,,,,",
      c1 + "valid,mi,1,nan,nats per example,,,,,",
      c1 + "test,kl,,1,nats per example,,,,,",
      c1 + "test,kl_dim[0],,0.25,nats per example and dimension,,,,,",
      c1 + "test,kl_dim[1],,inf,nats per example and dimension,,,,,",
      c1 + "facts,floor_violations,,0,,,,,,",
      c2 + "test,kl,,2,nats per example,,,,,",
      c2 + "facts,floor_violations,,1,,,,,,",
      c3 + "test,kl,,0.1,nats per example,\"one z per x, mean\",16,8,0.03,examples",
      c3 + "facts,floor_violations,,0,,,,,,"};
  CHECK(export_csv(study(), kRowLabels, ExportRows::numbers) == fmt::format("{}\n", fmt::join(lines, "\n")));
}

TEST_CASE("diagnostics, facts and cost are rows of their own; histograms, points and pictures are left out") {
  StudyResult one;
  one.cells = {cell("c1", "vae", 0, 1.0)};
  one.cells[0].epochs.push_back({2, 20, {}, {{"vae.weight", {0.5}}, {"valid.kl_dim", {1, 2}}}});
  one.cells[0].cost = {{"train_seconds", 1.5}};
  one.cells[0].final["test"]["posterior_histogram"] = {{0.1, 0.2}, {{"bins", std::int64_t{2}}}};
  one.cells[0].final["test"]["latent_points"] = {{0.1, 0.2, 3}, {{"dim_a", std::int64_t{0}}}};
  one.cells[0].final["test"]["image_grid"] = {{0.1, 0.2}, {{"columns", std::int64_t{2}}}};
  const std::string csv = export_csv(one, {{"c1", "vae"}}, ExportRows::numbers);
  CHECK(csv.substr(csv.find('\n') + 1) ==
        ",c1,vae,vae,done,0,diagnostics,vae.weight,2,0.5,,,,,,\n"
        ",c1,vae,vae,done,0,diagnostics,valid.kl_dim[0],2,1,nats per example and dimension,,,,,\n"
        ",c1,vae,vae,done,0,diagnostics,valid.kl_dim[1],2,2,nats per example and dimension,,,,,\n"
        ",c1,vae,vae,done,0,test,kl,,1,nats per example,,,,,\n"
        ",c1,vae,vae,done,0,facts,floor_violations,,0,,,,,,\n"
        ",c1,vae,vae,done,0,cost,train_seconds,,1.5,s,,,,,\n");
}

TEST_CASE("an option that varies within a method becomes a column") {
  StudyResult varied = study();
  varied.cells[1].config["regularizer.bn_vae.gamma"] = 0.9;
  const std::string csv = export_csv(varied, kRowLabels, ExportRows::numbers);
  CHECK_THAT(csv, ContainsSubstring(",seed,data.note,regularizer.bn_vae.gamma,split,"));
  CHECK_THAT(csv, ContainsSubstring("done,1,\"say \"\"a\"\", b\",0.9,test,kl,,2,"));
  CHECK_THAT(csv, ContainsSubstring("diverged,0,plain,,test,kl,,0.1,"));
}

TEST_CASE("a row a cell holds what is known at the end of training") {
  StudyResult wide = study();
  wide.cells[1].cost = {{"train_seconds", 2.5}};
  wide.cells[1].final["test"]["kl"].values = {kInf};
  CHECK(export_csv(wide, kRowLabels, ExportRows::cells) ==
        "study,cell,label,regularizer,status,seed,data.note,cost/train_seconds,facts/floor_violations,test/kl\n"
        "hand made,c1,bn_vae,bn_vae,done,0,\"say \"\"a\"\", b\",,0,1\n"
        "hand made,c2,bn_vae,bn_vae,done,1,\"say \"\"a\"\", b\",2.5,1,inf\n"
        "hand made,c3,vae,vae,diverged,0,plain,,0,0.1\n");
  const auto rows = nlohmann::json::parse(export_json(wide, kRowLabels, ExportRows::cells));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["cost/train_seconds"].is_null());
  CHECK(rows[1]["test/kl"].is_null());
  CHECK(rows[2]["test/kl"] == 0.1);
}

TEST_CASE("json holds the rows of the csv, null for what JSON has no number for") {
  const auto rows = nlohmann::json::parse(export_json(study(), kRowLabels, ExportRows::numbers));
  REQUIRE(rows.size() == 10);
  CHECK(rows[0] ==
        nlohmann::json::parse(R"({"study": "hand made", "cell": "c1", "label": "bn_vae", "regularizer": "bn_vae",
    "status": "done", "seed": 0, "data.note": "say \"a\", b", "split": "valid", "metric": "kl", "epoch": 1,
    "value": 0.3333333333333333, "units": "nats per example", "estimator": null, "examples": null, "samples": null,
    "error": null, "error_over": null})"));
  CHECK(rows[1]["value"].is_null());
  CHECK(rows[2]["epoch"].is_null());
  CHECK(rows[4]["value"].is_null());
  CHECK(rows[8]["examples"] == 16);
  CHECK(rows[8]["error"] == 0.03);
  CHECK(nlohmann::json::parse(export_json({}, {}, ExportRows::numbers)).empty());
}

TEST_CASE("values by example are exported on request only") {
  StudyResult one;
  one.cells = {cell("c1", "vae", 7, 1.0)};
  one.cells[0].final["test"]["kl"].examples = {0.5F, std::numeric_limits<float>::quiet_NaN(), 1.5F};
  const std::map<std::string, std::string> labels = {{"c1", "vae"}};
  CHECK_THAT(export_csv(one, labels, ExportRows::numbers), !ContainsSubstring("0.5"));
  CHECK(export_csv(one, labels, ExportRows::examples) ==
        "study,cell,label,regularizer,status,seed,split,metric,example,value,units\n"
        ",c1,vae,vae,done,7,test,kl,0,0.5,nats per example\n"
        ",c1,vae,vae,done,7,test,kl,2,1.5,nats per example\n");
  const auto rows = nlohmann::json::parse(export_json(one, labels, ExportRows::examples));
  REQUIRE(rows.size() == 2);
  CHECK(rows[1]["example"] == 2);
  CHECK(rows[1]["value"] == 1.5);
}

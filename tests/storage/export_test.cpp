#include "storage/export.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "catch.h"

using namespace klbench;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

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
  result.cells[2].status = CellStatus::diverged;
  result.missing = {"c4", "c5"};
  return result;
}

}  // namespace

TEST_CASE("csv in long form") {
  CHECK(export_csv(study()) ==
        "cell,regularizer,seed,data.note,split,metric,epoch,value\n"
        "c1,bn_vae,0,\"say \"\"a\"\", b\",valid,kl,1,0.3333333333333333\n"
        "c1,bn_vae,0,\"say \"\"a\"\", b\",valid,mi,1,nan\n"
        "c1,bn_vae,0,\"say \"\"a\"\", b\",test,kl,,1\n"
        "c1,bn_vae,0,\"say \"\"a\"\", b\",test,kl_dim[0],,0.25\n"
        "c1,bn_vae,0,\"say \"\"a\"\", b\",test,kl_dim[1],,inf\n"
        "c1,bn_vae,0,\"say \"\"a\"\", b\",facts,floor_violations,,0\n"
        "c2,bn_vae,1,\"say \"\"a\"\", b\",test,kl,,2\n"
        "c2,bn_vae,1,\"say \"\"a\"\", b\",facts,floor_violations,,1\n"
        "c3,vae,0,plain,test,kl,,0.1\n"
        "c3,vae,0,plain,facts,floor_violations,,0\n");
}

TEST_CASE("diagnostics, facts and cost are rows of their own; histograms and points are left out") {
  StudyResult one;
  one.cells = {cell("c1", "vae", 0, 1.0)};
  one.cells[0].epochs.push_back({2, 20, {}, {{"vae.weight", {0.5}}, {"valid.kl_dim", {1, 2}}}});
  one.cells[0].cost = {{"train_seconds", 1.5}};
  one.cells[0].final["test"]["posterior_histogram"] = {{0.1, 0.2}, {{"bins", std::int64_t{2}}}};
  one.cells[0].final["test"]["latent_points"] = {{0.1, 0.2, 3}, {{"dim_a", std::int64_t{0}}}};
  CHECK(export_csv(one) ==
        "cell,regularizer,seed,split,metric,epoch,value\n"
        "c1,vae,0,diagnostics,vae.weight,2,0.5\n"
        "c1,vae,0,diagnostics,valid.kl_dim[0],2,1\n"
        "c1,vae,0,diagnostics,valid.kl_dim[1],2,2\n"
        "c1,vae,0,test,kl,,1\n"
        "c1,vae,0,facts,floor_violations,,0\n"
        "c1,vae,0,cost,train_seconds,,1.5\n");
}

TEST_CASE("an option that varies within a method becomes a column") {
  StudyResult varied = study();
  varied.cells[1].config["regularizer.bn_vae.gamma"] = 0.9;
  const std::string csv = export_csv(varied);
  CHECK(csv.substr(0, csv.find('\n')) ==
        "cell,regularizer,seed,data.note,regularizer.bn_vae.gamma,split,metric,epoch,value");
  CHECK_THAT(csv, ContainsSubstring("\nc2,bn_vae,1,\"say \"\"a\"\", b\",0.9,test,kl,,2\n"));
  CHECK_THAT(csv, ContainsSubstring("\nc3,vae,0,plain,,test,kl,,0.1\n"));
}

TEST_CASE("json holds the rows of the csv") {
  const auto rows = nlohmann::json::parse(export_json(study()));
  REQUIRE(rows.size() == 10);
  CHECK(rows[0] ==
        nlohmann::json::parse(R"({"cell": "c1", "regularizer": "bn_vae", "seed": 0, "data.note": "say \"a\", b",
    "split": "valid", "metric": "kl", "epoch": 1, "value": 0.3333333333333333})"));
  CHECK(rows[1]["value"].is_null());
  CHECK(rows[2]["epoch"].is_null());
  CHECK(rows[4]["value"] == "inf");
  CHECK(nlohmann::json::parse(export_json({})).empty());
}

TEST_CASE("values by example are exported on request only") {
  StudyResult one;
  one.cells = {cell("c1", "vae", 7, 1.0)};
  one.cells[0].final["test"]["kl"].examples = {0.5F, std::numeric_limits<float>::quiet_NaN(), 1.5F};
  CHECK_THAT(export_csv(one), !ContainsSubstring("0.5"));
  CHECK(export_csv(one, ExportRows::examples) ==
        "cell,regularizer,seed,split,metric,example,value\n"
        "c1,vae,7,test,kl,0,0.5\n"
        "c1,vae,7,test,kl,2,1.5\n");
  const auto rows = nlohmann::json::parse(export_json(one, ExportRows::examples));
  REQUIRE(rows.size() == 2);
  CHECK(rows[1] == nlohmann::json::parse(R"({"cell": "c1", "regularizer": "vae", "seed": 7, "split": "test",
    "metric": "kl", "example": 2, "value": 1.5})"));
}

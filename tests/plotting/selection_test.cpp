#include "plotting/selection.h"

#include "catch.h"
#include "core/error.h"
#include "plotting/fixture.h"
#include "plotting/group.h"
#include "plotting/report.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// vae and bn_vae at two gammas with seeds 0 and 1; KL 0.1, 4, 6 (+ seed); bn_vae gamma=.8 seed=1 diverged. The data's
/// latent_dim is 2 everywhere, the model's 2 for vae and 8 for bn_vae.
StudyResult study_of_two() {
  StudyResult study;
  study.name = "s";
  const auto add = [&](const std::string& method, double gamma, double kl) {
    for (const std::int64_t seed : {0, 1}) {
      CellResult& cell = study.cells.emplace_back(
          make_cell(method, seed, {{"kl", kl + static_cast<double>(seed)}, {"nll", 100 - kl}}));
      cell.id = method + std::to_string(gamma).substr(0, 3) + "-" + std::to_string(seed);
      cell.config["data.seed"] = std::int64_t{0};
      cell.config["data.latent_dim"] = std::int64_t{2};
      cell.config["model.latent_dim"] = std::int64_t{method == "vae" ? 2 : 8};
      cell.config["model.decoder.name"] = std::string(method == "vae" ? "lstm" : "mlp");
      cell.config["model.decoder.hidden_dim"] = std::int64_t{16};
      cell.config["trainer.optimizer"] = std::string("adam");
      if (method != "vae") cell.config["regularizer.bn_vae.gamma"] = gamma;
      if (seed == 0) cell.tags = {"first", method};
    }
  };
  add("vae", 0, 0.1);
  add("bn_vae", 0.4, 4);
  add("bn_vae", 0.8, 6);
  study.cells[5].status = CellStatus::diverged;
  study.missing = {"m"};
  return study;
}

std::vector<std::string> ids(const std::vector<std::string>& filters) {
  const StudyResult study = study_of_two();
  std::vector<std::string> found;
  for (const CellResult* cell : selected_cells(study, filter_selector(study, filters))) found.push_back(cell->id);
  return found;
}

std::string refused(const std::vector<std::string>& filters) {
  try {
    filter_selector(study_of_two(), filters);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("filters of one option are alternatives, of several all hold") {
  using Ids = std::vector<std::string>;
  CHECK(ids({}).size() == 6);
  CHECK(ids({"gamma=.4"}) == Ids{"bn_vae0.4-0", "bn_vae0.4-1"});
  CHECK(ids({"regularizer.bn_vae.gamma=0.40", "seed=1"}) == Ids{"bn_vae0.4-1"});
  CHECK(ids({"bn_vae.gamma=.4", "bn_vae.gamma=.8", "seed=0"}) == Ids{"bn_vae0.4-0", "bn_vae0.8-0"});
  CHECK(ids({"gamma=.4,.8", "seed=0"}) == Ids{"bn_vae0.4-0", "bn_vae0.8-0"});
  CHECK(ids({"method=vae"}) == Ids{"vae0.0-0", "vae0.0-1"});
  CHECK(ids({"regularizer=vae", "tag=first"}) == Ids{"vae0.0-0"});
  CHECK(ids({"status=diverged"}) == Ids{"bn_vae0.8-1"});
  CHECK(ids({"model.decoder=lstm"}) == ids({"method=vae"}));
  CHECK(ids({"model.hidden_dim=16"}).size() == 6);
}

TEST_CASE("a short name means the option that varies, a whole one itself") {
  CHECK(ids({"latent_dim=2"}) == ids({"method=vae"}));  // data.latent_dim is 2 everywhere
  CHECK(ids({"data.latent_dim=2"}).size() == 6);
  CHECK(ids({"seed=0"}).size() == 3);  // data.seed is 0 everywhere
}

TEST_CASE("filters that cannot be are refused with what there is") {
  CHECK(refused({"gama=.4"}) ==
        "unknown option of --filter 'gama' (did you mean 'gamma'?); valid: method, status, seed, tag, "
        "model.decoder.name, latent_dim, gamma; 1 of 7 cells have no result");
  CHECK(refused({"gamma=.5"}) ==
        "unknown value of gamma '.5' (did you mean '.4'?); valid: .4, .8; 1 of 7 cells have no result");
  CHECK(refused({"method=bn"}) == "unknown value of method 'bn'; valid: bn_vae, vae; 1 of 7 cells have no result");
  CHECK(refused({"tag=last"}) == "unknown value of tag 'last'; valid: bn_vae, first, vae; 1 of 7 cells have no result");
  CHECK(refused({"gamma=.4", "method=vae"}) == "--filter: no cell has all of gamma=.4 method=vae");
  CHECK_THAT(refused({"seed"}), StartsWith("--filter seed: wants OPTION=VALUE, e.g. seed=0; options: method, "));
  CHECK_THAT(refused({"gamma=.4 .8"}), ContainsSubstring("blank"));
  CHECK(filter_selector(StudyResult{}, {}).empty());  // a run that has no cell yet
}

TEST_CASE("rows are narrowed by a filter, and keep labels and colours of the whole study") {
  const StudyResult study = study_of_two();
  CHECK(narrowed(study, {"vae", "bn_vae gamma=.4"}, "gamma=.4") ==
        std::vector<std::string>{"bn_vae gamma=.4 gamma=.4"});
  CHECK(narrowed(study, {}, "seed=0") == std::vector<std::string>{"seed=0"});
  const auto all = group_cells(study, {});
  const auto some = group_cells(study, {"gamma=.8 seed=0"});
  REQUIRE(some.size() == 1);
  CHECK(some[0].label == all[2].label);
  CHECK(some[0].style.colour == all[2].style.colour);
  CHECK(some[0].cells.size() == 1);
}

TEST_CASE("what export takes") {
  StudyResult study = study_of_two();
  study.cells[0].final["valid"]["kl"].values = {1};
  study.cells[0].facts["selected_epoch"] = std::int64_t{3};
  StudyResult sorted = study;
  reduce(sorted, "method=bn_vae", "", "-kl");
  std::vector<std::string> order;
  for (const auto& cell : sorted.cells) order.push_back(cell.id);
  CHECK(order == std::vector<std::string>{"bn_vae0.8-1", "bn_vae0.8-0", "bn_vae0.4-1", "bn_vae0.4-0"});
  StudyResult valid = study;
  reduce(valid, "", "valid", "kl");
  CHECK(valid.cells[0].id == "vae0.0-0");  // the others have no value on valid, and follow in the order of the grid
  CHECK(valid.cells[1].id == "vae0.0-1");
  CHECK(valid.cells[0].final.size() == 1);
  CHECK(valid.cells[0].facts.empty());
  CHECK(valid.cells[1].final.empty());
  REQUIRE_THROWS_AS(reduce(study, "", "train", ""), UsageError);
  REQUIRE_THROWS_AS(reduce(study, "", "", "klx"), UsageError);
}

TEST_CASE("show sorts rows, filters cells and gives a row a cell") {
  const StudyResult study = study_of_two();
  const std::string sorted = show_text(study, {.metrics = {"kl"}, .rows = {.sort = "-kl"}});
  CHECK(sorted.find("bn_vae gamma=.8") < sorted.find("bn_vae gamma=.4"));
  CHECK(sorted.find("bn_vae gamma=.4") < sorted.find("\nvae "));
  const std::string filtered = show_text(study, {.metrics = {"kl"}, .filter = "gamma=.8"});
  CHECK_THAT(filtered, StartsWith("s: 2 of 7 cells, 1 diverged, 1 done\n") && !ContainsSubstring("gamma=.4"));
  CHECK(show_text(study, {.metrics = {"kl"}, .filter = "method=bn_vae", .rows = {.sort = "kl", .per_seed = true}}) ==
        "s: 4 of 7 cells, 1 diverged, 3 done\n\n"
        "s, test\n"
        "method                        kl\n"
        "---------------------------------\n"
        "bn_vae gamma=.4 seed=0         4\n"
        "bn_vae gamma=.4 seed=1         5\n"
        "bn_vae gamma=.8 seed=0         6\n"
        "bn_vae gamma=.8 seed=1  diverged\n\n"
        "diverged: bn_vae0.8-1 (bn_vae)\n");
  CHECK(show_csv(study, {.metrics = {"kl"}, .filter = "method=vae", .rows = {.per_seed = true}}) ==
        "row,method,cell,seed,status,tags,split,metric,units,value,error\n"
        "vae seed=0,vae,vae0.0-0,0,done,\"first,vae\",test,kl,nats per example,0.1,\n"
        "vae seed=1,vae,vae0.0-1,1,done,,test,kl,nats per example,1.1,\n");
}

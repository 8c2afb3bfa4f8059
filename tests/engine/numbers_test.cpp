// The numbers of every remedy, which a refactoring must not change.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "catch.h"
#include "config/study.h"
#include "core/files.h"
#include "core/process.h"
#include "storage/cell_file.h"
#include "sweep/plan.h"
#include "temporary_folder.h"
#include "training/run_cell.h"

using namespace klbench;

namespace {

const std::string kFolder = KLBENCH_SOURCE_DIR "/tests/numbers/";

using NumberRows = std::vector<std::vector<std::string>>;

NumberRows expected_rows(const std::string& list) {
  std::istringstream lines(read_file(kFolder + list + ".csv"));
  NumberRows rows;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line + ",");
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) rows.back().push_back(field);
  }
  return rows;
}

/// Stems of the sources that are not committed yet; none where git cannot tell.
std::set<std::string> new_sources() {
  const auto status =
      run_process({"git", "-C", KLBENCH_SOURCE_DIR, "status", "--porcelain", "--untracked-files=all", "src"});
  std::set<std::string> stems;
  std::istringstream lines(status.ok() ? status.out : "");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("??") || line.starts_with("A")) stems.insert(std::filesystem::path(line.substr(3)).stem());
  }
  return stems;
}

}  // namespace

TEST_CASE("the fixed lists have every part of a model that is built in, but those of sources that are new") {
  std::map<std::string, std::set<std::string>> used;
  for (const char* list : {"cells", "models", "images"}) {
    for (const auto& config : load_study(kFolder + list + ".yaml", {}, full_schema({})).cells) {
      for (const auto& [option, value] : config.values) {
        if (option.ends_with(".name")) used[option].insert(std::get<std::string>(value));
      }
      for (const auto& part : config.regularizer) used["regularizer"].insert(part.key);
    }
  }
  const auto fresh = new_sources();
  const auto check = [&](const std::string& what, const ComponentSpecs& specs) {
    for (const auto& [key, spec] : specs) {
      INFO(what << " " << key);
      CHECK((key.starts_with("test_") || used[what].contains(key) || fresh.contains(key)));
    }
  };
  const Schema schema = full_schema({});
  REQUIRE(schema.regularizers.size() > 20);
  check("regularizer", schema.regularizers);
  check("model.encoder.name", schema.encoders);
  check("model.decoder.name", schema.decoders);
  check("model.posterior.name", schema.families);
  check("model.prior.name", schema.priors);
}

// Most of cells.csv was written by the program before encoders and decoders became components (numerics 4, AMD EPYC,
// LibTorch 1.13, oneDNN 2.6), the rest of it and most of images.csv before metrics were registered one by one (the same
// versions); there every number was the same to the last bit afterwards. models.csv and the last rows of images.csv
// came later, from the same versions. Another CPU rounds differently, so the test asks for a relative difference of
// 1e-3 at most; KLBENCH_SAME_NUMBERS=1 asks for the very same numbers.
TEST_CASE("the cells of a fixed list have the numbers that they had") {
  const std::string list = GENERATE("cells", "models", "images");
  const FolderWithCache scratch;
  const char* same = std::getenv("KLBENCH_SAME_NUMBERS");
  const double tolerance = same && std::string(same) == "1" ? 0 : 1e-3;
  const Study study = load_study(kFolder + list + ".yaml", {}, full_schema({}));
  const NumberRows expected = expected_rows(list);
  REQUIRE(expected.size() == study.cells.size() + 1);
  const std::atomic<bool> stop{false};
  for (std::size_t i = 0; i < study.cells.size(); ++i) {
    const CellConfig& config = study.cells[i];
    const auto& row = expected[i + 1];
    INFO(i << " " << config.method());
    REQUIRE(row[1] == config.method());
    const std::string id = fmt::format("cell{}", i);
    REQUIRE(run_cell({config, id, scratch.path(), {}}, stop, [](const CellProgress&) {}) == CellStatus::done);
    const auto test = read_cell(scratch.path() / (id + ".h5")).final.at("test");
    REQUIRE(std::isfinite(test.at("nll").values.at(0)));
    // On the sphere of d = 3 the KL of kappa = 20 is kappa coth kappa - 1 + ln(kappa / sinh kappa).
    const auto learnt = config.values.find("model.posterior.learn_kappa");
    if (learnt != config.values.end() && !std::get<bool>(learnt->second))
      CHECK(test.at("kl").values.at(0) == Approx(2.68887945).epsilon(1e-6));
    for (std::size_t column = 3; column < row.size(); ++column) {
      const std::string& metric = expected[0][column];
      INFO(metric);
      REQUIRE(test.contains(metric) == !row[column].empty());
      if (row[column].empty()) continue;
      const double wanted = std::stod(row[column]), found = test.at(metric).values.at(0);
      CHECK(std::abs(found - wanted) <= tolerance * std::max(1.0, std::abs(wanted)));
    }
  }
}

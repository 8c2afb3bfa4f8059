#include "storage/collect.h"

#include <fmt/format.h>

#include <ctime>
#include <fstream>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "same_results.h"
#include "sample_results.h"
#include "storage/cell_file.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

void publish(const TemporaryFolder& folder, const CellResult& cell) {
  const auto path = folder / (cell.id + ".h5");
  Manifest(folder / "manifest.tsv").add(cell.id, path, publish_cell(path, cell));
}

void flip_bit(const std::filesystem::path& path, std::size_t at) {
  std::string bytes = read_file(path);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("collect takes the cells in the order of the grid, and what is missing or damaged as missing") {
  const TemporaryFolder folder;
  for (const char* id : {"a", "b", "damaged", "swapped", "stray"}) publish(folder, sample_cell(id));
  flip_bit(folder / "damaged.h5", 5000);
  write_file_durably(folder / "swapped.h5",
                     encode_cell(sample_cell("swapped", 7)));  // sound, but not what was published
  std::filesystem::copy_file(folder / "a.h5", folder / "renamed.h5");
  std::ofstream(folder / "b.run.json") << R"({"seconds": 3})";
  std::ofstream(folder / "a.run.json") << R"({"seconds": )";
  std::ofstream(folder / "none.run.json") << R"({"host": "h"})";
  std::ofstream(folder / "none.outcome.json") << R"({"reason": "killed"})";
  std::ofstream(folder / "b.outcome.json") << R"({"reason": "of an earlier attempt"})";
  std::ofstream(folder / "b.model") << "weights";
  std::vector<std::string> damaged;
  const StudyResult study =
      collect(folder.path(), "s", "yaml", {}, {"b", "none", "a", "damaged", "swapped", "renamed"}, &damaged);
  REQUIRE(study.cells.size() == 2);
  CHECK(study.cells[0].id == "b");
  CHECK(text_of(study.cells[1]) == text_of(sample_cell("a")));
  CHECK(study.missing == std::vector<std::string>{"none", "damaged", "swapped", "renamed"});
  CHECK(study.provenance ==
        std::map<std::string, std::string>{
            {"b", fmt::format(R"({{"model":"{}/b.model","seconds":3}})", folder.path().filename().string())},
            {"none", R"({"reason":"killed"})"}});
  REQUIRE(damaged.size() == 3);
  CHECK_THAT(damaged[0], ContainsSubstring("damaged.h5: differs from its hash in the manifest"));
  CHECK_THAT(damaged[1], ContainsSubstring("swapped.h5: differs from its hash in the manifest"));
  CHECK_THAT(damaged[2], ContainsSubstring("renamed.h5: holds cell a"));
}

TEST_CASE("collect gives the same bytes however often it is done") {
  const TemporaryFolder folder;
  publish(folder, sample_cell("a", 1));
  publish(folder, sample_cell("b", 2));
  const auto bytes = [&] { return encode_study(collect(folder.path(), "s", "yaml", {}, {"a", "b"})); };
  const std::string first = bytes();
  CHECK(bytes() == first);
  std::filesystem::remove(folder / "manifest.tsv");  // can be rebuilt: the seal still guards each file
  CHECK(bytes() == first);
  flip_bit(folder / "b.h5", 3000);
  CHECK(collect(folder.path(), "s", "yaml", {}, {"a", "b"}).missing == std::vector<std::string>{"b"});
}

TEST_CASE("verify_cell_folder names each file that is damaged, lost or another cell's") {
  const TemporaryFolder folder;
  for (const char* id : {"a", "b", "c"}) publish(folder, sample_cell(id));
  CHECK(verify_cell_folder(folder.path()).empty());
  flip_bit(folder / "a.h5", 2000);
  std::filesystem::remove(folder / "b.h5");
  std::filesystem::copy_file(folder / "c.h5", folder / "d.h5");
  std::ofstream(folder / "c.latent.h5") << "a sidecar is no cell";
  const auto problems = verify_cell_folder(folder.path());
  REQUIRE(problems.size() == 3);
  CHECK_THAT(problems[0], ContainsSubstring("a.h5: differs from its hash"));
  CHECK_THAT(problems[1], ContainsSubstring("b.h5: no such file"));
  CHECK_THAT(problems[2], ContainsSubstring("d.h5: holds cell c"));
}

// 1,000 cells x 50 epochs x 12 metrics, 12 final metrics, 50 options: storage_tests "[speed]"
TEST_CASE("collect of a large study is fast", "[.speed]") {
  const TemporaryFolder folder;
  std::vector<std::string> ids;
  Manifest manifest(folder / "manifest.tsv");
  for (int i = 0; i < 1000; ++i) {
    CellResult cell = sample_cell("cell" + std::to_string(i), i);
    cell.epochs.clear();
    for (int e = 1; e <= 50; ++e) {
      EpochRecord epoch{e, e * 100, {}, {}};
      for (int m = 0; m < 12; ++m) epoch.metrics[m < 4 ? "train" : "valid"]["metric_" + std::to_string(m)] = e * m + i;
      cell.epochs.push_back(epoch);
    }
    for (int o = 0; o < 46; ++o) cell.config["trainer.option_" + std::to_string(o)] = o * 0.5;
    for (int m = 0; m < 12; ++m) {
      cell.final["test"]["metric_" + std::to_string(m)] = {
          {1.0 * m}, {{"estimator", std::string("mean")}, {"samples", std::int64_t{2000}}}};
    }
    ids.push_back(cell.id);
    std::ofstream(folder / (cell.id + ".h5"), std::ios::binary) << encode_cell(cell);
    manifest.add(cell.id, folder / (cell.id + ".h5"), file_hash(folder / (cell.id + ".h5")));
  }
  const auto now = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };  // processor time
  const double start = now();
  const StudyResult study = collect(folder.path(), "large", "", {}, ids);
  const double collected = now();
  write_study(folder / "large.h5", study);
  const double written = now();
  CHECK(read_study(folder / "large.h5").cells.size() == 1000);
  WARN("read " << collected - start << " s, write " << written - collected << " s, read back " << now() - written
               << " s, cell " << std::filesystem::file_size(folder / "cell0.h5") << " bytes, study "
               << std::filesystem::file_size(folder / "large.h5") << " bytes");
  CHECK(written - start < 5.0);
}

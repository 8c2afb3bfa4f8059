#include "storage/collect.h"

#include <fmt/format.h>

#include <fstream>

#include "catch.h"
#include "comes_and_goes.h"
#include "core/error.h"
#include "core/files.h"
#include "same_results.h"
#include "sample_results.h"
#include "storage/cell_file.h"
#include "storage/verify.h"
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
  flip_bit(folder / "damaged.h5", 2000);
  write_file_durably(folder / "swapped.h5",
                     encode_cell(sample_cell("swapped", 7)));  // sound, but not what was published
  std::filesystem::copy_file(folder / "a.h5", folder / "renamed.h5");
  std::ofstream(folder / "b.run.json") << R"({"seconds": 3})";
  std::ofstream(folder / "a.run.json") << R"({"seconds": )";
  std::ofstream(folder / "none.run.json") << R"({"host": "h"})";
  std::ofstream(folder / "none.outcome.json") << R"({"reason": "killed"})";
  std::ofstream(folder / "b.outcome.json") << R"({"reason": "of an earlier attempt"})";
  std::ofstream(folder / "b.model") << "weights";
  std::vector<CellResult> cells;
  const auto collected = collect(
      folder.path(), {"b", "none", "a", "damaged", "swapped", "renamed", "earlier"},
      [&](CellResult&& cell) { cells.push_back(std::move(cell)); },
      [](const std::string& id) -> std::optional<std::pair<CellResult, std::string>> {
        if (id != "earlier" && id != "damaged") return std::nullopt;
        return std::pair{sample_cell(id, 9), std::string("{}")};
      });
  REQUIRE(cells.size() == 4);
  CHECK(cells[0].id == "b");
  CHECK(cells[0].cost == std::map<std::string, double>{{"seconds", 3}});
  CHECK(cells[1].cost.empty());  // its run.json is damaged
  CHECK(text_of(cells[1]) == text_of(sample_cell("a")));
  CHECK(text_of(cells[2]) == text_of(sample_cell("damaged", 9)));
  CHECK(cells[3].id == "earlier");
  CHECK(collected.missing == std::vector<std::string>{"none", "swapped", "renamed"});
  CHECK(collected.provenance ==
        std::map<std::string, std::string>{
            {"b", fmt::format(R"({{"model":"{}/b.model","seconds":3}})", folder.path().filename().string())},
            {"none", R"({"reason":"killed"})"},
            {"damaged", "{}"},
            {"earlier", "{}"}});
  REQUIRE(collected.damaged.size() == 3);
  CHECK_THAT(collected.damaged[0], ContainsSubstring("damaged.h5: differs from its hash in the manifest"));
  CHECK_THAT(collected.damaged[1], ContainsSubstring("swapped.h5: differs from its hash in the manifest"));
  CHECK_THAT(collected.damaged[2], ContainsSubstring("renamed.h5: holds cell a"));
}

TEST_CASE("collect takes a record that a run makes meanwhile as there or not there") {
  const TemporaryFolder folder;
  const ComesAndGoes record(folder / "a.run.json", R"({"seconds": 3})");
  int there = 0, gone = 0;
  std::string failure;
  while (failure.empty() && (there < 10000 || gone < 10000)) {
    try {
      ++(collect(folder.path(), {"a"}, [](CellResult&&) {}).provenance.empty() ? gone : there);
    } catch (const Error& error) {
      failure = error.what();
    }
  }
  CHECK(failure.empty());
}

TEST_CASE("collect gives the same bytes however often it is done") {
  const TemporaryFolder folder;
  publish(folder, sample_cell("a", 1));
  publish(folder, sample_cell("b", 2));
  std::vector<std::string> missing;
  const auto bytes = [&] {
    StudyTable cells;
    missing = collect(folder.path(), {"a", "b"}, [&](CellResult&& cell) { cells.add(cell); }).missing;
    return encode_study(StudyHead{}, cells);
  };
  const std::string first = bytes();
  CHECK(bytes() == first);
  std::filesystem::remove(folder / "manifest.tsv");  // can be rebuilt: the seal still guards each file
  CHECK(bytes() == first);
  CHECK(missing.empty());
  flip_bit(folder / "b.h5", 3000);
  bytes();
  CHECK(missing == std::vector<std::string>{"b"});
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
  CHECK_THAT(problems[0].text, ContainsSubstring("a.h5: differs from its hash"));
  CHECK_THAT(problems[1].text, ContainsSubstring("b.h5: no such file"));
  CHECK_THAT(problems[2].text, ContainsSubstring("d.h5: holds cell c"));
  CHECK(problems[1].file == folder / "b.h5");
  CHECK(problems[1].cells == std::vector<std::string>{"b"});
}

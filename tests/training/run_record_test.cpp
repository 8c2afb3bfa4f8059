#include "training/run_record.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "core/cpus.h"
#include "core/files.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("the record of a resumed cell names the CPU that it began on, once") {
  const TemporaryFolder folder;
  const auto path = folder / "a.run.json";
  const auto cpu_of = [&](bool resumed) {
    RunRecord record(path);
    if (resumed) record.resumed();
    record.write(CellStatus::done);
    return nlohmann::json::parse(read_file(path)).at("cpu").get<std::string>();
  };
  const std::string here = cpu_of(false);
  CHECK(cpu_of(true) == here);
  folder.write("a.run.json", R"({"cpu": "Another CPU"})");
  CHECK(cpu_of(true) == "Another CPU, then " + here);
  CHECK(cpu_of(true) == "Another CPU, then " + here);
  CHECK(cpu_of(false) == here);  // trained anew
  folder.write("a.run.json", R"({"cpu": 7})");
  CHECK(cpu_of(true) == here);
}

TEST_CASE("the record of a cell that is trained on a card names the cards") {
  const TemporaryFolder folder;
  for (const std::string device : {"cpu", "cuda", "cuda:1"}) {
    RunRecord record(folder / (device + ".run.json"));
    record.set_cell({}, device);
    record.write(CellStatus::done);
    const auto written = nlohmann::json::parse(read_file(folder / (device + ".run.json")));
    CHECK(written.value("gpu", "") == (device == "cpu" ? "" : gpu_names()));
  }
}

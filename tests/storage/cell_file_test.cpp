#include "storage/cell_file.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "catch.h"
#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "same_results.h"
#include "sample_results.h"
#include "storage/hdf5.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

std::string python(const std::string& program, const std::string& file) {
  const ProcessResult result = run_process({"/usr/bin/python3", "-c", program, file});
  INFO(result.err);
  REQUIRE(result.ok());
  return result.out;
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("a cell reads back exactly") {
  const TemporaryFolder folder;
  const CellResult cell = sample_cell();
  const std::string hash = publish_cell(folder / "c0ffee.h5", cell);
  CHECK(text_of(read_cell(folder / "c0ffee.h5")) == text_of(cell));
  CHECK(hash == file_hash(folder / "c0ffee.h5"));
  CHECK(files_in(folder.path()) == std::vector<std::string>{"c0ffee.h5"});
}

TEST_CASE("a measured NaN is told from an epoch without the metric") {
  const CellResult cell = decode_cell(encode_cell(sample_cell()), "cell");
  CHECK_FALSE(cell.epochs[0].metrics.at("valid").contains("mi"));
  CHECK(std::isnan(cell.epochs[1].metrics.at("valid").at("mi")));
}

TEST_CASE("a cell without epochs or metrics and with long and foreign text reads back") {
  CellResult cell;
  cell.id = "e";
  cell.method = "vae";
  cell.status = CellStatus::diverged;
  cell.config_yaml = std::string(300'000, 'x') + "\xe2\x82\xac";  // past the 64 KiB of a fixed-length attribute
  cell.config = {{"empty", std::string()}, {"big", std::int64_t{-9'007'199'254'740'993}}};
  cell.final["test"]["nothing"] = {};
  CHECK(text_of(decode_cell(encode_cell(cell), "cell")) == text_of(cell));
}

TEST_CASE("the same cell gives the same bytes") {
  CHECK(encode_cell(sample_cell()) == encode_cell(sample_cell()));
  CHECK(encode_study(sample_study()) == encode_study(sample_study()));
  CHECK(encode_cell(sample_cell("c0ffee", 1)) != encode_cell(sample_cell()));
}

// Run by the next test as a process of its own.
TEST_CASE("print the hashes of the sample files", "[.print_hashes]") {
  std::ofstream(std::getenv("KLBENCH_TEST_OUT"))
      << content_hash(encode_cell(sample_cell())) << " " << content_hash(encode_study(sample_study())) << std::flush;
}

TEST_CASE("processes with other memory contents, times and zones give the same bytes") {
  const TemporaryFolder folder;
  const std::string here = content_hash(encode_cell(sample_cell())) + " " + content_hash(encode_study(sample_study()));
  for (const char* perturbation : {"1", "85", "255"}) {
    run_process({"sleep", "0.4"});  // together more than a second: times in whole seconds differ
    const std::string out = folder / perturbation;
    const ProcessResult result = run_process({"env", std::string("MALLOC_PERTURB_=") + perturbation, "TZ=Asia/Tokyo",
                                              "KLBENCH_TEST_OUT=" + out, executable_path(), "[.print_hashes]"});
    REQUIRE(result.ok());
    CHECK(read_file(out) == here);
  }
}

TEST_CASE("h5py reads a cell file") {
  const TemporaryFolder folder;
  publish_cell(folder / "cell.h5", sample_cell());
  CHECK(python(R"(
import sys, h5py, json
f = h5py.File(sys.argv[1])
about = json.loads(f['about'][0])
print(f.attrs['kind'], f.attrs['schema_version'], sorted(f))
print(about['id'], about['method'], about['facts'], about['config'], repr(about['yaml']))
print(f['steps'][()].tolist(), about['epochs'], about['diagnostics'])
print(f['epochs'][0].tolist(), f['epochs'].fletcher32, f['epochs'].chunks)
print(f['diagnostics'][3:].tolist())
print({split: list(metrics) for split, metrics in about['final'].items()}, about['final']['test']['nll'])
print(f['final'][()].tolist(), f['examples'][()].tolist())
)",
               folder / "cell.h5") ==
        R"(cell 2 ['about', 'diagnostics', 'epochs', 'examples', 'final', 'steps']
c0ffee bn_vae {'floor_violations': 0, 'selected_epoch': 2, 'valid_test_unk_share': 0.03125} {'keep.model': False, 'model.latent_dim': 32, 'seed': 0, 'trainer.lr': 0.1} 'model.latent_dim: 32\nseed: 0\n'
[[1, 100], [2, 200]] {'train': ['loss', 'lr'], 'valid': ['elbo', 'kl', 'mi']} {'bn_vae.b': 1, 'bn_vae.gamma': 3}
[25.0, nan, -80.5, 0.1, nan] True (2, 5)
[0.30000000000000004, 1.0, 0.6, 0.30000000000000004, 2.0]
{'test': ['kl', 'kl_dim', 'nll'], 'valid': ['elbo_last']} {'attributes': {'estimator': 'importance-weighted bound', 'samples': 100}, 'examples': 4, 'values': 1}
[11.25, 5.0, 6.25, 85.0, -90.5] [85.5, nan, -0.0, 1.0000000031710769e-30]
)");
}

TEST_CASE("a cell without values by example takes few bytes") {
  CellResult cell = sample_cell();
  for (int m = 0; m < 100; ++m)
    cell.final["test"]["metric_" + std::to_string(m)] = {{m / 3.0}, {{"samples", std::int64_t{m}}}};
  for (int o = 0; o < 60; ++o) cell.config["trainer.option_" + std::to_string(o)] = o * 0.5;
  CHECK(encode_cell(cell).size() < 12'000);
}

TEST_CASE("h5dump reads cell and study files") {
  const TemporaryFolder folder;
  publish_cell(folder / "cell.h5", sample_cell());
  write_study(folder / "study.h5", sample_study());
  const ProcessResult kl = run_process({"h5dump", "-d", "/final", folder / "cell.h5"});
  REQUIRE(kl.ok());
  CHECK_THAT(kl.out, ContainsSubstring("(0): 11.25"));
  const ProcessResult all = run_process({"h5dump", folder / "study.h5"});
  REQUIRE(all.ok());
  CHECK(all.err.empty());
  CHECK_THAT(all.out, ContainsSubstring("\"nats per example\""));
}

TEST_CASE("names that HDF5 would take for paths are refused") {
  CellResult cell = sample_cell();
  cell.final["test"]["a/b"] = {{1.0}, {}};
  REQUIRE_THROWS_WITH(encode_cell(cell), ContainsSubstring("cell c0ffee") && ContainsSubstring("a/b"));
  CellResult text = sample_cell();
  text.facts["comment"] = std::string("a\0b", 3);
  REQUIRE_THROWS_WITH(encode_cell(text), ContainsSubstring("NUL"));
}

TEST_CASE("every damaged cell file is refused with its path") {
  const TemporaryFolder folder;
  const std::string whole = encode_cell(sample_cell());
  const auto refused = [&](const std::string& bytes) {
    try {
      decode_cell(bytes, "some.h5");
    } catch (const UsageError& error) {
      return std::string(error.what()).starts_with("some.h5: ");
    }
    return false;
  };
  CHECK_FALSE(refused(whole));
  SECTION("one flipped bit") {
    std::mt19937 random(1);
    std::size_t unseen = 0;
    for (std::size_t bit = 0; bit < 8 * 600; ++bit) {
      std::string bytes = whole;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      unseen += refused(bytes) ? 0 : 1;
    }
    for (int i = 0; i < 3000; ++i) {
      std::string bytes = whole;
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      unseen += refused(bytes) ? 0 : 1;
    }
    CHECK(unseen == 0);
  }
  SECTION("truncated or longer") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{513},
                                   whole.size() / 2, whole.size() - 1}) {
      CHECK(refused(whole.substr(0, size)));
    }
    CHECK(refused(whole + '\0'));
  }
  SECTION("other files") {
    CHECK(refused("\x89HDF\r\n\x1a\n"));
    CHECK(refused(encode_study(sample_study())));
    CHECK_THROWS_AS(read_cell(folder / "none.h5"), UsageError);
  }
}

TEST_CASE("well-sealed files of another layout are refused with their dataset") {
  const auto message = [](const auto& build) {
    hdf5::Writer writer("w");
    build(writer.root());
    try {
      decode_cell(writer.image(), "f.h5");
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const auto head = [](hdf5::Group& root, std::int64_t schema) {
    root.set("kind", std::string("cell"));
    root.set("schema_version", schema);
  };
  const std::int64_t known = kSchemaVersion;
  CHECK_THAT(message([](hdf5::Group&) {}), ContainsSubstring("f.h5: /@schema_version: missing"));
  CHECK(message([&](hdf5::Group& root) { head(root, 99); }) ==
        fmt::format("f.h5: written by a newer klbench (schema version 99, this one reads {}); use that one, or another "
                    "--results",
                    kSchemaVersion));
  CHECK(message([&](hdf5::Group& root) { head(root, 1); }) ==
        fmt::format("f.h5: schema version 1, this klbench reads {}", kSchemaVersion));
  CHECK_THAT(message([&](hdf5::Group& root) { head(root, known); }), ContainsSubstring("f.h5: /about: missing"));
  const auto with_about = [&](const std::string& about, const std::vector<std::int64_t>& steps) {
    return message([&](hdf5::Group& root) {
      head(root, known);
      root.create("about", std::vector{about});
      root.create("steps", steps, {steps.size() / 2, 2});
      root.create("epochs", std::vector<double>{1, 2, 3}, {1, 3});
    });
  };
  const std::string head_of_about = R"({"id": "x", "method": "vae", "status": "done", "yaml": "", "config": {}, )";
  CHECK_THAT(with_about("{", {1, 2}), ContainsSubstring("f.h5: /about: ") && ContainsSubstring("parse error"));
  CHECK_THAT(with_about(head_of_about + R"("facts": {"f": []}})", {1, 2}), ContainsSubstring("f.h5: /about: "));
  CHECK_THAT(with_about(head_of_about + R"("facts": {}})", {1, 2}),
             ContainsSubstring("f.h5: /about: ") && ContainsSubstring("'epochs'"));
  const std::string columns = R"("facts": {}, "epochs": {"valid": ["kl", "mi"]}})";
  CHECK_THAT(with_about(head_of_about + columns, {1, 2}), ContainsSubstring("f.h5: /epochs: 3 values where 2 are due"));
  CHECK_THAT(with_about(head_of_about + columns, {1, 2, 3, 4}),
             ContainsSubstring("f.h5: /epochs: 3 values where more are due"));
  CHECK_THAT(message([&](hdf5::Group& root) {
               head(root, known);
               root.create("about", std::vector<double>{1});
             }),
             ContainsSubstring("f.h5: /about: dataset of another type"));
}

TEST_CASE("failed writes name the path and leave nothing behind") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  REQUIRE_THROWS_WITH(publish_cell(folder / "file" / "cell.h5", sample_cell()), ContainsSubstring("file"));
  CHECK(files_in(folder.path()) == std::vector<std::string>{"file"});
  std::filesystem::create_directory(folder / "taken.h5");
  REQUIRE_THROWS_WITH(publish_cell(folder / "taken.h5", sample_cell()), ContainsSubstring("taken.h5"));
  CHECK(files_in(folder.path()).size() == 2);
}

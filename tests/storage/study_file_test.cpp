#include <algorithm>
#include <fstream>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "same_results.h"
#include "sample_results.h"
#include "storage/cell_file.h"
#include "storage/hdf5.h"
#include "storage/verify.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("a study reads back") {
  const TemporaryFolder folder;
  const StudyResult study = sample_study();
  write_study(folder / "study.h5", study);
  const StudyResult read = read_study(folder / "study.h5");
  CHECK(read.name == study.name);
  CHECK(read.study_yaml == study.study_yaml);
  CHECK(read.baseline == study.baseline);
  CHECK(read.missing == study.missing);
  CHECK(read.provenance == study.provenance);
  REQUIRE(read.cells.size() == 2);
  CHECK(text_of(read.cells[0]) == text_of(study.cells[0]));
  CHECK(text_of(read.cells[1]) == text_of(study.cells[1]));
  CHECK(read.cells[0].cost == std::map<std::string, double>{{"train_seconds", 2.5}});
  CHECK(read.cells[1].cost.empty());
  REQUIRE(read.figures.size() == 1);
  CHECK(read.figures[0].metrics == study.figures[0].metrics);
  CHECK(read.figures[0].over == study.figures[0].over);
  CHECK(read.figures[0].only == study.figures[0].only);
  CHECK(read.figures[0].floor);
  CHECK_FALSE(read.figures[0].log_x);
}

TEST_CASE("tags stand in a study's file where cells have some, and nowhere else") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  const std::string without = encode_study(study);
  study.cells[1].tags = {"first", "headline"};
  CHECK(encode_cell(study.cells[1]) == encode_cell(sample_study().cells[1]));
  write_study(folder / "study.h5", study);
  const StudyResult read = read_study(folder / "study.h5");
  CHECK(read.cells[0].tags.empty());
  CHECK(read.cells[1].tags == study.cells[1].tags);
  CHECK(without.find("tags") == std::string::npos);
}

TEST_CASE("an empty study reads back") {
  const TemporaryFolder folder;
  write_study(folder / "study.h5", StudyResult{});
  const StudyResult read = read_study(folder / "study.h5");
  CHECK(read.cells.empty());
  CHECK(read.missing.empty());
  CHECK(verify_study_file(folder / "study.h5").empty());
}

TEST_CASE("h5py reads the columns of a study") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.cells[1].config["trainer.lr"] = 0.2;
  study.cells[1].config["regularizer.bn_vae.tau"] = std::int64_t{3};
  study.cells[1].final["test"]["nll"].attributes["samples"] = std::int64_t{500};
  write_study(folder / "study.h5", study);
  CHECK(encode_study(study) == encode_study(study));
  const ProcessResult result = run_process({"/usr/bin/python3", "-c", R"(
import sys, h5py, json
f = h5py.File(sys.argv[1])
kl = f['epochs/valid/kl']
print(kl.shape, kl[0].tolist(), kl[1].tolist(), kl.fletcher32, kl.attrs['units'], kl.attrs['long_name'])
print([c.decode() for c in kl.dims[0]['cell']], kl.dims[1]['epoch'][()].tolist(), f['epochs/step'][()].tolist())
print(f.attrs['study'], json.loads(f.attrs['figures'])[0]['name'], f['cells/method'].asstr()[()].tolist())
print(f['config/trainer.lr'][()].tolist(), f['config/seed'][()].tolist(), f['config/regularizer.bn_vae.tau'][()].tolist())
print(f['config/keep.model'][()].tolist(), f['facts/selected_epoch'][()].tolist(), f['diagnostics/bn_vae.gamma'].shape)
nll = f['final/test/nll']
print(nll[()].tolist(), nll.attrs['estimator'], f['estimates/test/nll/samples'][()].tolist(), 'samples' in nll.attrs)
print(f['final/test/kl_dim'][()].tolist(), f['final/valid/elbo_last'].attrs['long_name'])
print(f['missing/id'].asstr()[()].tolist(), f['provenance/host'].asstr()[()].tolist(), f['provenance/train_seconds'][()].tolist())
)",
                                            folder / "study.h5"});
  INFO(result.err);
  REQUIRE(result.ok());
  CHECK(result.out ==
        "(2, 2) [0.1, 0.2] [0.1, nan] True nats per example KL divergence\n"
        "['bbb', 'aaa'] [1, 2] [[100, 200], [100, -1]]\n"
        "tau sweep kl ['bn_vae', 'bn_vae']\n"
        "[0.1, 0.2] [0, 1] [nan, 3.0]\n"
        "[0.0, 0.0] [2, 2] (2, 2, 3)\n"
        "[85.0, 87.0] importance-weighted bound [100, 500] False\n"
        "[[5.0, 6.25], [5.0, 6.25]] evidence lower bound (last epoch)\n"
        "['ccc'] ['h1', ''] [2.5, nan]\n");
}

TEST_CASE("h5py reads values by example; they are compressed") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  auto& examples = study.cells[1].final["test"]["nll"].examples;
  for (int i = 0; i < 3000; ++i) examples.push_back(static_cast<float>(i % 60));
  write_study(folder / "study.h5", study);
  const ProcessResult result = run_process({"/usr/bin/python3", "-c", R"(
import sys, h5py
examples = h5py.File(sys.argv[1])['examples/test']
nll = examples['nll']
print(nll.dtype, nll[0, :5].tolist(), nll.attrs['units'], '|', nll.attrs['order'])
print(nll.compression, nll.fletcher32, nll.id.get_storage_size() < 3000, nll[1].sum())
print('kl' in examples)
)",
                                            folder / "study.h5"});
  INFO(result.err);
  REQUIRE(result.ok());
  CHECK(result.out ==
        "float32 [85.5, nan, -0.0, 1.0000000031710769e-30, nan] nats per example | that of the data, from 0\n"
        "gzip True True 88500.0\n"
        "False\n");
  CHECK(text_of(read_study(folder / "study.h5").cells[0]) == text_of(study.cells[0]));
  CHECK(text_of(read_study(folder / "study.h5").cells[1]) == text_of(study.cells[1]));
}

TEST_CASE("cells that have little in common read back exactly") {
  const TemporaryFolder folder;
  StudyResult study;
  study.cells = {sample_cell("a"), sample_cell("b"), sample_cell("c")};
  CellResult& odd = study.cells[1];
  odd.config = {{"seed", std::string("three")},
                {"trainer.lr", std::int64_t{1}},
                {"keep.model", std::string()},
                {"big", std::int64_t{9'007'199'254'740'993}}};
  odd.facts = {{"flag", true}, {"note", std::string("t\"\xc3\xbc")}, {"gain", std::numeric_limits<double>::infinity()}};
  odd.epochs = {sample_epoch(3)};
  odd.epochs[0].diagnostics = {{"bn_vae.gamma", {1}}, {"other", {1, 2, 3, 4}}};
  odd.final.clear();
  odd.final["test"]["kl_dim"] = {{1, std::numeric_limits<double>::quiet_NaN(), -0.0}, {{"cap", std::string("none")}}};
  odd.final["test"]["nothing"] = {};
  odd.final["train"]["kl"] = {{2}, {{"units", std::string("bits")}}};
  study.cells[2].epochs.clear();
  study.cells[2].final["test"]["nothing"] = {{1}, {}};
  write_study(folder / "study.h5", study);
  const StudyResult read = read_study(folder / "study.h5");
  REQUIRE(read.cells.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(text_of(read.cells[i]) == text_of(study.cells[i]));
  CHECK(encode_cell(read.cells[1]) == encode_cell(odd));
  CHECK(encode_study(read) == encode_study(study));
}

TEST_CASE("cells can be taken from a study's file one by one") {
  const TemporaryFolder folder;
  const StudyResult study = sample_study();
  write_study(folder / "study.h5", study);
  CHECK(read_study_ids(folder / "study.h5") == std::vector<std::string>{"bbb", "aaa"});
  const StoredCells cells = read_study_cells(folder / "study.h5");
  CHECK(text_of(cells.table.cell(1)) == text_of(study.cells[1]));
  CHECK(cells.provenance == std::map<std::string, std::string>{{"bbb", study.provenance.at("bbb")}});
}

TEST_CASE("more cells may be missing than HDF5 has attributes for") {
  const TemporaryFolder folder;
  StudyResult study;
  for (int i = 0; i < 70'000; ++i) {
    study.missing.push_back(std::to_string(i));
    study.provenance[study.missing.back()] = R"({"reason":"killed"})";
  }
  write_study(folder / "study.h5", study);
  const StudyResult read = read_study(folder / "study.h5");
  CHECK(read.missing == study.missing);
  CHECK(read.provenance == study.provenance);
}

TEST_CASE("results without values by example and baseline are read") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.baseline.clear();
  for (auto& cell : study.cells) cell.final["test"]["nll"].examples.clear();
  write_study(folder / "study.h5", study);
  CHECK(run_process({"/usr/bin/python3", "-c",
                     "import sys, h5py; f = h5py.File(sys.argv[1]); assert 'baseline' not in f.attrs; "
                     "assert 'nll' not in f['examples/test']",
                     folder / "study.h5"})
            .ok());
  const StudyResult read = read_study(folder / "study.h5");
  CHECK(read.baseline.empty());
  CHECK(text_of(read.cells[0]) == text_of(study.cells[0]));
}

TEST_CASE("verify finds nothing wrong with a whole study and says what is missing") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  write_study(folder / "study.h5", study);
  const auto problems = verify_study_file(folder / "study.h5");
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0].text, ContainsSubstring("1 of 3 cells are missing: ccc"));
  CHECK(problems[0].file == folder / "study.h5");
  CHECK(problems[0].cells == std::vector<std::string>{"ccc"});
  study.missing.clear();
  write_study(folder / "study.h5", study);
  CHECK(verify_study_file(folder / "study.h5").empty());
}

TEST_CASE("verify looks into the cells") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.missing.clear();
  study.cells[1].final.clear();
  write_study(folder / "study.h5", study);
  const auto problems = verify_study_file(folder / "study.h5");
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0].text, ContainsSubstring("cell aaa: done, but without final metrics"));
  CHECK(problems[0].cells == std::vector<std::string>{"aaa"});
  study.cells[0].status = CellStatus::running;
  write_study(folder / "study.h5", study);
  CHECK_THAT(verify_study_file(folder / "study.h5").at(0).text,
             ContainsSubstring("cells/status: unknown status 'running'"));
  CellResult cell = sample_cell();
  std::swap(cell.epochs[0], cell.epochs[1]);
  publish_cell(folder / "cell.h5", cell);
  CHECK_THAT(verify_study_file(folder / "cell.h5").at(0).text,
             ContainsSubstring("cell c0ffee: epochs are not in order"));
}

TEST_CASE("verify finds each flipped bit, and what another program wrote") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.missing.clear();
  const std::string whole = encode_study(study);
  std::size_t unseen = 0;
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    std::ofstream(folder / "study.h5", std::ios::binary) << bytes;
    unseen += verify_study_file(folder / "study.h5").empty() ? 1 : 0;
  }
  CHECK(unseen == 0);
  write_study(folder / "study.h5", study);
  REQUIRE(run_process({"/usr/bin/python3", "-c",
                       "import sys, h5py; h5py.File(sys.argv[1], 'r+')['final/test/kl'][0] = 12", folder / "study.h5"})
              .ok());
  const auto problems = verify_study_file(folder / "study.h5");
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0].text, ContainsSubstring("changed since it was written"));
  CHECK_THROWS_AS(read_study(folder / "study.h5"), UsageError);
  CHECK_FALSE(verify_study_file(folder / "none.h5").empty());
  CHECK_THROWS_AS(read_study("/dev/zero"), UsageError);
}

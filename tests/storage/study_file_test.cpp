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

TEST_CASE("an empty study reads back") {
  const TemporaryFolder folder;
  write_study(folder / "study.h5", StudyResult{});
  const StudyResult read = read_study(folder / "study.h5");
  CHECK(read.cells.empty());
  CHECK(read.missing.empty());
  CHECK(verify_study_file(folder / "study.h5").empty());
}

TEST_CASE("h5py reads the dense arrays of a study") {
  const TemporaryFolder folder;
  write_study(folder / "study.h5", sample_study());
  const ProcessResult result = run_process({"/usr/bin/python3", "-c", R"(
import sys, h5py, json
f = h5py.File(sys.argv[1])
kl = f['grid/valid/kl']
print(kl.shape, kl[0].tolist(), kl[1].tolist(), kl.fletcher32)
print([c.decode() for c in kl.dims[0]['cell']], kl.dims[1]['epoch'][()].tolist())
print(f.attrs['study'], json.loads(f.attrs['figures'])[0]['name'])
print([c.decode() for c in f['missing/cell']], json.loads(f['cells/bbb/provenance'].attrs['json'])['host'])
print(f['cells/bbb/provenance'].attrs['host'], f['cells/bbb/provenance'].attrs['train_seconds'])
)",
                                            folder / "study.h5"});
  INFO(result.err);
  REQUIRE(result.ok());
  CHECK(result.out ==
        "(2, 2) [0.1, 0.2] [0.1, nan] True\n"
        "['bbb', 'aaa'] [1, 2]\n"
        "tau sweep kl\n"
        "['ccc'] h1\n"
        "h1 2.5\n");
}

TEST_CASE("h5py reads values by example; they are compressed") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  auto& examples = study.cells[1].final["test"]["nll"].examples;
  for (int i = 0; i < 3000; ++i) examples.push_back(static_cast<float>(i % 60));
  write_study(folder / "study.h5", study);
  CHECK(encode_study(study) == encode_study(study));
  const ProcessResult result = run_process({"/usr/bin/python3", "-c", R"(
import sys, h5py
cells = h5py.File(sys.argv[1])['cells']
nll = cells['bbb/examples/test/nll']
print(nll.dtype, nll[()].tolist(), nll.attrs['units'], '|', nll.attrs['order'])
long = cells['aaa/examples/test/nll']
print(long.compression, long.fletcher32, long.id.get_storage_size() < 3000, long[()].sum())
print('kl' in cells['bbb/examples/test'])
)",
                                            folder / "study.h5"});
  INFO(result.err);
  REQUIRE(result.ok());
  CHECK(result.out ==
        "float32 [85.5, nan, -0.0, 1.0000000031710769e-30] nats per example | that of the data, from 0\n"
        "gzip True True 88500.0\n"
        "False\n");
  CHECK(text_of(read_study(folder / "study.h5").cells[1]) == text_of(study.cells[1]));
}

TEST_CASE("results without values by example and baseline are read") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.baseline.clear();
  for (auto& cell : study.cells) cell.final["test"]["nll"].examples.clear();
  write_study(folder / "study.h5", study);
  CHECK(run_process({"/usr/bin/python3", "-c",
                     "import sys, h5py; f = h5py.File(sys.argv[1]); assert 'baseline' not in f.attrs; "
                     "assert 'examples' not in f['cells/bbb']",
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
  CHECK_THAT(problems[0], ContainsSubstring("1 of 3 cells are missing: ccc"));
  study.missing.clear();
  write_study(folder / "study.h5", study);
  CHECK(verify_study_file(folder / "study.h5").empty());
}

TEST_CASE("verify looks into the cells") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.missing.clear();
  study.cells[0].status = "running";
  study.cells[1].final.clear();
  std::swap(study.cells[0].epochs[0], study.cells[0].epochs[1]);
  write_study(folder / "study.h5", study);
  const auto problems = verify_study_file(folder / "study.h5");
  REQUIRE(problems.size() == 3);
  CHECK_THAT(problems[0], ContainsSubstring("cell bbb: unknown status 'running'"));
  CHECK_THAT(problems[1], ContainsSubstring("cell bbb: epochs are not in order"));
  CHECK_THAT(problems[2], ContainsSubstring("cell aaa: done, but without final metrics"));
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
                       "import sys, h5py; h5py.File(sys.argv[1], 'r+')['cells/bbb/final/test/kl'][0] = 12",
                       folder / "study.h5"})
              .ok());
  const auto problems = verify_study_file(folder / "study.h5");
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], ContainsSubstring("changed since it was written"));
  CHECK_THROWS_AS(read_study(folder / "study.h5"), UsageError);
  CHECK_FALSE(verify_study_file(folder / "none.h5").empty());
  CHECK_THROWS_AS(read_study("/dev/zero"), UsageError);
}

TEST_CASE("verify finds dense arrays that differ from the cells") {
  const TemporaryFolder folder;
  StudyResult study = sample_study();
  study.missing.clear();
  write_study(folder / "study.h5", study);
  // Another program changes the array and the seal is made anew: only the comparison can see it.
  REQUIRE(
      run_process({"/usr/bin/python3", "-c",
                   "import sys, h5py; h5py.File(sys.argv[1], 'r+')['grid/valid/kl'][0, 1] = 7", folder / "study.h5"})
          .ok());
  const std::string content = read_file(folder / "study.h5").substr(512);
  std::string seal = "klbench HDF5 file, XXH3-128 of what follows byte 512: " + content_hash(content) + "\n";
  seal.resize(512, '\0');
  write_file_durably(folder / "study.h5", seal + content);
  const auto problems = verify_study_file(folder / "study.h5");
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], ContainsSubstring("/grid/valid/kl: differs from the cells"));
}

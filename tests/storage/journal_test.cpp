#include "storage/journal.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <random>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "same_results.h"
#include "sample_results.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

EpochRecord awkward_epoch(std::int64_t number) {
  EpochRecord epoch = sample_epoch(number);
  epoch.metrics["train"]["nan"] = std::numeric_limits<double>::quiet_NaN();
  epoch.metrics["train"]["inf"] = -std::numeric_limits<double>::infinity();
  epoch.metrics["train"]["zero"] = -0.0;
  epoch.metrics["train"]["tiny"] = std::numeric_limits<double>::denorm_min();
  epoch.metrics["train"]["third"] = 1.0 / 3.0;
  epoch.diagnostics["empty"] = {};
  return epoch;
}

/// A journal of three records as bytes, and the end of each.
struct SampleJournal {
  TemporaryFolder folder;
  std::string bytes;
  std::vector<std::size_t> ends;
  SampleJournal() {
    Journal journal(folder / "j", "id");
    ends.push_back(std::filesystem::file_size(folder / "j"));
    for (std::int64_t epoch = 1; epoch <= 3; ++epoch) {
      journal.append(awkward_epoch(epoch));
      ends.push_back(std::filesystem::file_size(folder / "j"));
    }
    bytes = read_file(folder / "j");
  }
  /// The records that `count` intact ones make.
  static std::string expected(std::size_t count) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i) text += text_of(awkward_epoch(static_cast<std::int64_t>(i)));
    return text;
  }
};

}  // namespace

TEST_CASE("a journal gives back what was appended, exactly") {
  const TemporaryFolder folder;
  const auto path = folder / "new" / "cell.journal";
  {
    Journal journal(path, "id");
    CHECK(journal.records().empty());
    journal.append(awkward_epoch(1));
    journal.append(awkward_epoch(2));
    CHECK(text_of(journal.records()) == SampleJournal::expected(2));
  }
  Journal journal(path, "id");
  CHECK(text_of(journal.records()) == SampleJournal::expected(2));
  journal.append(awkward_epoch(3));
  CHECK(text_of(read_journal(path)) == SampleJournal::expected(3));
}

TEST_CASE("truncate_after drops later records for good") {
  const SampleJournal sample;
  {
    Journal journal(sample.folder / "j", "id");
    journal.truncate_after(3);
    CHECK(journal.records().size() == 3);
    journal.truncate_after(1);
    CHECK(journal.records().size() == 1);
    CHECK(std::filesystem::file_size(sample.folder / "j") == sample.ends[1]);
    journal.append(awkward_epoch(2));
    journal.append(awkward_epoch(3));
  }
  CHECK(read_file(sample.folder / "j") == sample.bytes);
  Journal journal(sample.folder / "j", "id");
  journal.truncate_after(-1);
  CHECK(read_journal(sample.folder / "j").empty());
}

TEST_CASE("a journal torn at any byte keeps its whole records and can go on") {
  const SampleJournal sample;
  const auto path = sample.folder / "torn";
  for (std::size_t size = 0; size <= sample.bytes.size(); ++size) {
    const auto whole = static_cast<std::size_t>(
        std::count_if(sample.ends.begin() + 1, sample.ends.end(), [&](std::size_t end) { return end <= size; }));
    const ParsedJournal parsed = parse_journal(std::string_view(sample.bytes).substr(0, size), "id");
    REQUIRE(text_of(parsed.records) == SampleJournal::expected(whole));
    REQUIRE(parsed.valid_bytes() == (size < sample.ends[0] ? 0 : sample.ends[whole]));
    if (size % 16 != 0 && size + 20 < sample.bytes.size()) continue;  // the disk is slow
    std::ofstream(path, std::ios::binary) << sample.bytes.substr(0, size);
    Journal journal(path, "id");
    REQUIRE(text_of(journal.records()) == SampleJournal::expected(whole));
    for (std::size_t epoch = whole + 1; epoch <= 3; ++epoch)
      journal.append(awkward_epoch(static_cast<std::int64_t>(epoch)));
    REQUIRE(read_file(path) == sample.bytes);
  }
}

TEST_CASE("no flipped bit of a journal gives a wrong record") {
  const SampleJournal sample;
  for (std::size_t bit = 0; bit < 8 * sample.bytes.size(); ++bit) {
    std::string bytes = sample.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const auto whole = static_cast<std::size_t>(
        std::count_if(sample.ends.begin() + 1, sample.ends.end(), [&](std::size_t end) { return end <= bit / 8; }));
    REQUIRE(text_of(parse_journal(bytes, "id").records) == SampleJournal::expected(whole));
  }
}

TEST_CASE("records are valid only in their place of their journal") {
  const SampleJournal sample;
  const auto part = [&](std::size_t i) {
    return sample.bytes.substr(sample.ends[i], sample.ends[i + 1] - sample.ends[i]);
  };
  const std::string head = sample.bytes.substr(0, sample.ends[0]);
  CHECK(parse_journal(head + part(0) + part(1), "id").records.size() == 2);
  CHECK(parse_journal(head + part(1), "id").records.empty());
  CHECK(parse_journal(head + part(0) + part(0), "id").records.size() == 1);
  CHECK(parse_journal(head + part(0) + part(2), "id").records.size() == 1);
  const TemporaryFolder folder;
  Journal other(folder / "other", "other");
  CHECK(parse_journal(read_file(folder / "other") + part(0), "other").records.empty());
}

TEST_CASE("no bytes make the parser throw") {
  const SampleJournal sample;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = i % 2 ? sample.bytes : std::string(random() % 200, '\0');
    for (int change = 0; change < 5 && !bytes.empty(); ++change)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const ParsedJournal parsed = parse_journal(bytes, "");
    REQUIRE(parsed.records.size() <= 3);
    REQUIRE(parsed.valid_bytes() <= bytes.size());
  }
}

TEST_CASE("the journal of another cell, of garbage or of nothing starts anew") {
  const SampleJournal sample;
  CHECK(Journal(sample.folder / "j", "other").records().empty());
  CHECK(parse_journal(read_file(sample.folder / "j"), "other").head_end > 0);
  std::ofstream(sample.folder / "garbage") << "not a journal";
  CHECK(Journal(sample.folder / "garbage", "id").records().empty());
  CHECK(read_journal(sample.folder / "garbage").empty());
  CHECK(read_journal(sample.folder / "none").empty());
  CHECK_FALSE(std::filesystem::exists(sample.folder / "none"));
}

TEST_CASE("reading for status changes nothing") {
  const SampleJournal sample;
  std::ofstream(sample.folder / "torn", std::ios::binary) << sample.bytes.substr(0, sample.bytes.size() - 1);
  CHECK(read_journal(sample.folder / "torn").size() == 2);
  CHECK(std::filesystem::file_size(sample.folder / "torn") == sample.bytes.size() - 1);
}

TEST_CASE("a full disk is an error with the path, and the journal keeps what it had") {
  const SampleJournal sample;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  {
    Journal journal(sample.folder / "j", "id");
    const rlimit full{sample.bytes.size() + 10, before.rlim_max};  // the write is cut short, then refused
    setrlimit(RLIMIT_FSIZE, &full);
    std::string message;
    try {
      journal.append(awkward_epoch(4));
    } catch (const Error& error) {
      message = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK_THAT(message, ContainsSubstring((sample.folder / "j").string()) && ContainsSubstring("File too large"));
    CHECK(journal.records().size() == 3);
    CHECK_THROWS_AS(journal.append(awkward_epoch(4)), Error);
  }
  std::signal(SIGXFSZ, old_handler);
  CHECK(read_file(sample.folder / "j") == sample.bytes);
  CHECK_THROWS_AS(Journal(sample.folder / "j" / "below", "id"), Error);
}

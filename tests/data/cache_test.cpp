#include "data/cache.h"

#include <iostream>
#include <thread>

#include "catch.h"
#include "core/files.h"
#include "core/process.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

using Given = std::map<std::string, Value>;

/// Files in the cache of corpora.
std::vector<std::filesystem::path> cache_files(const FolderWithCache& scratch) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "cache/klbench/corpora", none)) {
    files.push_back(entry.path());
  }
  return files;
}

Given small_files(const TemporaryFolder& scratch) {
  return {{"train", scratch.write("train.txt", "x\ta b a\ny\tb\n")},
          {"valid", scratch.write("valid.txt", "y\tb\n")},
          {"test", scratch.write("test.txt", "x\tq a\n")},
          {"label", std::string("first_column")}};
}

const Given kSmallSynthetic = {{"train_size", std::int64_t{200}},
                               {"valid_size", std::int64_t{50}},
                               {"test_size", std::int64_t{50}},
                               {"vocabulary_size", std::int64_t{50}},
                               {"hidden_dim", std::int64_t{8}}};

}  // namespace

TEST_CASE("corpus bytes read back as the same corpus") {
  const FolderWithCache scratch;
  const auto corpus = load_text("text_lines", small_files(scratch));
  const std::string bytes = dataset_bytes(*corpus);
  const auto back = std::dynamic_pointer_cast<TextCorpus>(parse_dataset(bytes));
  REQUIRE(back);
  CHECK(dataset_bytes(*back) == bytes);
  CHECK(back->words == corpus->words);
  CHECK(back->label_names == corpus->label_names);
  CHECK(back->train.labels == corpus->train.labels);
  CHECK(back->test.tokens == corpus->test.tokens);
  CHECK(back->valid_test_unk_share == corpus->valid_test_unk_share);
  CHECK(back->hash == corpus->hash);
  CHECK(corpus->hash == content_hash(bytes));
}

TEST_CASE("the hash of a corpus depends on words, labels and splits") {
  TextCorpus corpus;
  corpus.words = {"<pad>", "<s>", "</s>", "<unk>", "a"};
  corpus.label_names = {"x", "y"};
  for (Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) *split = {{4, 3}, {0, 1, 2}, {0, 1}};
  const std::string hash = content_hash(dataset_bytes(corpus));
  const auto changed = [&](auto change) {
    TextCorpus other = corpus;
    change(other);
    return content_hash(dataset_bytes(other)) != hash;
  };
  CHECK(changed([](TextCorpus& c) { c.words[4] = "b"; }));
  CHECK(changed([](TextCorpus& c) { c.label_names[0] = "z"; }));
  CHECK(changed([](TextCorpus& c) { c.valid.labels[0] = 1; }));
  CHECK(changed([](TextCorpus& c) { c.test.tokens[0] = 3; }));
  CHECK(changed([](TextCorpus& c) { c.train.offsets[1] = 2; }));
  CHECK_FALSE(changed([](TextCorpus& c) { c.hash = "other"; }));
}

TEST_CASE("bytes that are no corpus are not read as one") {
  TextCorpus corpus;
  corpus.words = {"<pad>", "<s>", "</s>", "<unk>", "a"};
  corpus.label_names = {"x"};
  for (Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) *split = {{4, 3}, {0, 1, 2}, {0, 0}};
  const auto accepted = [&](auto change) {
    TextCorpus other = corpus;
    change(other);
    return parse_dataset(dataset_bytes(other)) != nullptr;
  };
  CHECK(accepted([](TextCorpus&) {}));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.train.tokens[0] = 5; }));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.train.tokens[0] = -1; }));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.valid.labels[1] = 1; }));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.valid.labels.pop_back(); }));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.test.offsets = {0, 3, 2}; }));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.test.offsets = {1, 1, 2}; }));
  CHECK_FALSE(accepted([](TextCorpus& c) { c.test.offsets.pop_back(); }));
  CHECK_FALSE(parse_dataset(dataset_bytes(corpus) + "x"));
  const std::string bytes = dataset_bytes(corpus);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(parse_dataset(bytes.substr(0, size)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {  // huge sizes among them
    std::string changed = bytes;
    changed[i] = static_cast<char>(0xFF);
    const auto parsed = parse_dataset(changed);
    CHECK((!parsed || parsed->hash == content_hash(changed)));
  }
}

TEST_CASE("the second load comes from the cache and equals the first bit for bit") {
  const FolderWithCache scratch;
  Given given = small_files(scratch);
  const std::string first = dataset_bytes(*load_text("text_lines", given));
  REQUIRE(cache_files(scratch).size() == 1);
  const auto& spec = DatasetRegistry::instance().entries().at("text_lines").spec;
  const std::filesystem::path file = cache_files(scratch)[0];
  const auto cached = read_dataset(file, file.stem().string());
  REQUIRE(cached);
  CHECK(dataset_bytes(*cached) == first);
  CHECK(dataset_bytes(*load_text("text_lines", given)) == first);
  CHECK(cache_files(scratch).size() == 1);

  SECTION("another option or other content of a source is another entry") {
    given["max_vocabulary"] = std::int64_t{1};
    CHECK(dataset_bytes(*load_text("text_lines", given)) != first);
    CHECK(cache_files(scratch).size() == 2);
    given["max_vocabulary"] = std::int64_t{0};
    scratch.write("test.txt", "x\tb b\n");
    const auto changed = load_text("text_lines", given);
    CHECK(texts(*changed, changed->test) == std::vector<std::string>{"b b"});
    CHECK(cache_files(scratch).size() == 3);
  }
  SECTION("keys differ by dataset, options and sources") {
    const Options options(spec, given);
    given["max_length"] = std::int64_t{7};
    const std::string key = dataset_key("text_lines", options, "s");
    CHECK(key == dataset_key("text_lines", options, "s"));
    CHECK(key != dataset_key("other", options, "s"));
    CHECK(key != dataset_key("text_lines", options, "t"));
    CHECK(key != dataset_key("text_lines", Options(spec, given), "s"));
  }
}

TEST_CASE("a damaged cache never gives another corpus") {
  const FolderWithCache scratch;
  const Given given = small_files(scratch);
  const std::string expected = dataset_bytes(*load_text("text_lines", given));
  const std::filesystem::path file = cache_files(scratch).at(0);
  const std::string key = file.stem().string();
  const std::string good = read_file(file);
  const auto write = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    write(bad);
    CHECK_FALSE(read_dataset(file, key));
    write(good.substr(0, i));
    CHECK_FALSE(read_dataset(file, key));
  }
  write(good + "x");
  CHECK_FALSE(read_dataset(file, key));
  write(good);
  CHECK_FALSE(read_dataset(file, std::string(32, '0')));

  for (const std::size_t position :
       {std::size_t{0}, std::size_t{20}, std::size_t{60}, good.size() / 2, good.size() - 1}) {
    std::string bad = good;
    bad[position] = static_cast<char>(~bad[position]);
    write(bad);
    CHECK(dataset_bytes(*load_text("text_lines", given)) == expected);
    CHECK(read_file(file) == good);  // and it is repaired
  }
}

TEST_CASE("without a place for the cache a dataset still loads") {
  const FolderWithCache scratch;
  const Given given = small_files(scratch);
  const std::string expected = load_text("text_lines", given)->hash;
  ::setenv("XDG_CACHE_HOME", scratch.file("train.txt").c_str(), 1);  // a file, not a folder
  CHECK(load_text("text_lines", given)->hash == expected);
}

TEST_CASE("child: prints the hash of a small corpus", "[.cache_child]") {
  std::cout << "hash " << load_text("synthetic", kSmallSynthetic)->hash << '\n';
}

TEST_CASE("processes that build a cache at once do not disturb each other") {
  const FolderWithCache scratch;
  std::vector<std::string> outputs(4);
  std::vector<std::thread> threads;
  for (std::string& output : outputs) {
    threads.emplace_back([&output] { output = run_process({executable_path(), "[.cache_child]"}).out; });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(cache_files(scratch).size() == 1);
  const std::string line = "hash " + load_text("synthetic", kSmallSynthetic)->hash + "\n";
  for (const std::string& output : outputs) CHECK_THAT(output, ContainsSubstring(line));
}

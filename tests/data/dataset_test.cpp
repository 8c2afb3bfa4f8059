#include "data/dataset.h"

#include "catch.h"
#include "data/helpers.h"

using namespace klbench;

TEST_CASE("the three datasets are registered with a summary and help for every option") {
  const auto& entries = DatasetRegistry::instance().entries();
  for (const char* key : {"synthetic", "wordnet", "text_lines"}) {
    REQUIRE(entries.count(key) == 1);
    const ComponentSpec& spec = entries.at(key).spec;
    CHECK(spec.key == key);
    CHECK_FALSE(spec.summary.empty());
    for (const OptionSpec& option : spec.options) CHECK_FALSE(option.help.empty());
  }
}

TEST_CASE("options that name files are marked as paths") {
  const auto paths = [](const char* key) {
    std::vector<std::string> names;
    for (const OptionSpec& option : DatasetRegistry::instance().entries().at(key).spec.options) {
      if (option.is_path) names.push_back(option.name);
    }
    return names;
  };
  CHECK(paths("synthetic").empty());
  CHECK(paths("wordnet") == std::vector<std::string>{"path"});
  CHECK(paths("text_lines") == std::vector<std::string>{"train", "valid", "test", "train_labels", "valid_labels",
                                                        "test_labels", "vocabulary"});
}

TEST_CASE("a key that is registered twice is reported when the datasets are asked for") {
  DatasetRegistry registry;
  registry.add({.spec = {.key = "twice"}, .load = [](const Options&) { return std::make_shared<TextCorpus>(); }});
  CHECK(registry.entries().size() == 1);
  registry.add({.spec = {.key = "twice"}, .load = [](const Options&) { return std::make_shared<TextCorpus>(); }});
  CHECK(usage_error([&] { registry.entries(); }) == "dataset 'twice' is registered twice");
}

TEST_CASE("unknown datasets and splits are refused with the valid names") {
  CHECK_THAT(usage_error([] { load_dataset("wordnt", Options()); }),
             ContainsSubstring("unknown dataset 'wordnt' (did you mean 'wordnet'?); valid: ") &&
                 ContainsSubstring("synthetic, text_lines"));
  CHECK(usage_error([] { TextCorpus().split("dev"); }) == "unknown split 'dev'; valid: train, valid, test");
}

TEST_CASE("the hash of sentences knows their words, their order and where they end") {
  const Sentences both{{4, 5, 6}, {0, 1, 3}, {}};
  CHECK(examples_hash(both) == examples_hash(Sentences{{4, 5, 6}, {0, 1, 3}, {1, 2}}));  // labels are no part
  CHECK(examples_hash(both) != examples_hash(Sentences{{4, 5, 6}, {0, 2, 3}}));
  CHECK(examples_hash(both) != examples_hash(Sentences{{5, 6, 4}, {0, 2, 3}}));
  CHECK(examples_hash(both) != examples_hash(Sentences{{4, 5, 7}, {0, 1, 3}}));
}

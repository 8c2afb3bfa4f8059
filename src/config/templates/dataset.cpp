#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kDatasetTemplate = {"dataset",
                                            &Components::datasets,
                                            "data/dataset.h",
                                            "src/data/text",
                                            "tests/data",
                                            R"(#include "@header@"

#include <string>

#include "core/rng.h"
@mark@
namespace klbench {

namespace {

/// What the data is, and where it is from. As written: sentences of 4 to 12 words, each word one or two above the last
/// in a circle of 20. An option with .is_path = true names a file; read_source (data/source.h) reads it, and the
/// registrar's third argument gives the hash of what is read. Bad input ends in a UsageError with file and line. An
/// ImageCorpus is made likewise.
TextCorpus load_@key@(const Options& options) {
  TextCorpus corpus;
  corpus.words = {"<pad>", "<s>", "</s>", "<unk>"};
  for (int i = 0; i < 20; ++i) corpus.words.push_back("word_" + std::to_string(i));
  const auto fill = [&](const char* name, std::int64_t sentences, Sentences& split) {
    for (std::int64_t i = 0; i < sentences; ++i) {
      Rng rng(derive_seed(0, name, static_cast<std::uint64_t>(i)));
      auto word = uniform_below(rng, 20);
      for (std::uint64_t left = 4 + uniform_below(rng, 9); left > 0; --left) {
        split.tokens.push_back(kUnknown + 1 + static_cast<std::int32_t>(word));
        word = (word + 1 + uniform_below(rng, 2)) % 20;
      }
      split.offsets.push_back(static_cast<std::int64_t>(split.tokens.size()));
    }
  };
  fill("train", options.integer("sentences"), corpus.train);
  fill("valid", 200, corpus.valid);
  fill("test", 200, corpus.test);
  return corpus;
}

const DatasetRegistrar kRegistrar(
    {.key = "@key@",
     .summary = "one line for klbench list",
     .paper = "authors, venue year",
     .options = {{.name = "sentences", .default_value = 2000, .help = "training sentences", .min = 1, .max = 1e7}}},
    load_@key@);

}  // namespace

}  // namespace klbench
)",
                                            R"(#include "catch.h"
#include "data/dataset.h"

using namespace klbench;

TEST_CASE("@key@ has sentences of 4 to 12 words, as many as asked for") {
  const auto& spec = DatasetRegistry::instance().find("@key@").spec;
  const auto data = load_dataset("@key@", Options(spec, {{"sentences", std::int64_t{30}}}));
  const Split& train = data->split("train");
  CHECK(train.size() == 30);
  for (std::int64_t i = 0; i < 30; ++i) CHECK((train.length(i) >= 4 && train.length(i) <= 12));
}
)",
                                            "data: {name: @key@, sentences: 2000}"};

}  // namespace klbench

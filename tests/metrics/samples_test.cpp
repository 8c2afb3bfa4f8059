#include "metrics/samples.h"

#include <fmt/format.h>

#include "catch.h"
#include "metrics/metrics_data.h"
#include "models/small_model.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

std::vector<std::string> vocabulary() {
  std::vector<std::string> words{"<pad>", "<s>", "</s>", "<unk>"};
  while (words.size() < static_cast<std::size_t>(kVocabulary)) words.push_back(fmt::format("w{}", words.size()));
  return words;
}

}  // namespace

TEST_CASE("sentences become text") {
  CHECK(sentence_text({4, 3, 6}, vocabulary()) == "w4 <unk> w6");
  CHECK(sentence_text({}, vocabulary()).empty());
  CHECK(sentence_of(sentences_of({{7}, {8, 9}, {5}}), 1) == std::vector<std::int32_t>{8, 9});
}

TEST_CASE("prior samples follow the seed and leave the global generator alone") {
  auto model = small_model(3);
  const auto generator = at::globalContext().defaultGenerator(at::kCPU);
  const auto before = generator.get_state().clone();
  const auto texts = prior_samples(model, vocabulary(), 12, 9, 1.0, 5);
  CHECK(torch::equal(generator.get_state(), before));
  REQUIRE(texts.size() == 12);
  CHECK(texts == prior_samples(model, vocabulary(), 12, 9, 1.0, 5));
  CHECK(texts != prior_samples(model, vocabulary(), 12, 9, 1.0, 6));
  for (const auto& text : texts) CHECK(std::count(text.begin(), text.end(), ' ') < 9);
}

TEST_CASE("an interpolation begins and ends at its latents") {
  auto model = small_model(3);
  const auto z = normal_noise({2, 3}, 1) * 3;
  const auto texts = interpolation(model, vocabulary(), z[0], z[1], 5, 10);
  REQUIRE(texts.size() == 5);
  const auto ends = decode(model, z, 10, 0, 0);
  CHECK(texts.front() == sentence_text(ends[0], vocabulary()));
  CHECK(texts.back() == sentence_text(ends[1], vocabulary()));
}

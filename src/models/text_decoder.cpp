#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/special_words.h"
#include "models/decoder.h"

namespace klbench {

std::vector<std::vector<std::int32_t>> TextDecoder::generate(const torch::Tensor& z, std::int64_t max_length,
                                                             double temperature, torch::Generator generator) {
  const torch::NoGradGuard no_grad;
  const std::int64_t rows = z.size(0);
  std::vector<std::vector<std::int32_t>> sentences(static_cast<std::size_t>(rows));
  std::vector<bool> ended(static_cast<std::size_t>(rows), false);
  const auto sentence_writer = writer(z);
  auto word = torch::full({rows}, kStart, torch::TensorOptions().dtype(torch::kInt64).device(z.device()));
  for (std::int64_t t = 0; t < max_length; ++t) {
    auto logits = sentence_writer->next(word);
    for (const auto never : {kPad, kStart}) logits.select(1, never).fill_(-std::numeric_limits<double>::infinity());
    // Drawn on the CPU, whose generator it is.
    const auto ids =
        temperature > 0
            ? torch::multinomial(torch::softmax(logits / temperature, 1).cpu(), 1, false, generator).squeeze(1)
            : logits.argmax(1).cpu();
    word = on(z.device(), ids);
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto row = static_cast<std::size_t>(i);
      const auto id = static_cast<std::int32_t>(ids[i].item<std::int64_t>());
      if (id == kEnd) ended[row] = true;
      if (!ended[row]) sentences[row].push_back(id);
    }
    if (std::all_of(ended.begin(), ended.end(), [](bool end) { return end; })) break;
  }
  return sentences;
}

torch::Tensor TextDecoder::states(const Batch& /*batch*/, const torch::Tensor& /*z*/) {
  throw UsageError("this decoder has no states before a softmax layer, which the remedy compares");
}

torch::Tensor ImageDecoder::expected(const torch::Tensor& /*z*/) {
  throw UsageError("this decoder draws pixel by pixel: the remedy encodes its expected image, which decoder mlp has");
}

}  // namespace klbench

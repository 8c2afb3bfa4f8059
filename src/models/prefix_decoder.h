#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "models/decoder.h"
#include "models/nn/dropout.h"
#include "models/nn/linear_cross_entropy.h"

namespace klbench {

/// A decoder of text that keeps no state between words: all steps are computed at once, and for a new word all words
/// are read again. What is its own is how words and z become states; dropout and softmax layer are here. `skip`: z is
/// concatenated to the states before the softmax.
class PrefixDecoder : public TextDecoder {
 public:
  torch::Tensor loss(const Batch& batch, const torch::Tensor& z) override;
  torch::Tensor score(const Batch& batch, const torch::Tensor& z) override;
  torch::Tensor states(const Batch& batch, const torch::Tensor& z) override;

 protected:
  /// The options dropout_in and dropout_out.
  static std::vector<OptionSpec> with_dropouts(std::vector<OptionSpec> options);
  /// The layers behind states of `width`; to be called last in a constructor.
  void add_output(const Options& options, const DecoderRequest& request, std::int64_t width);

  /// What words [T, B] give without z, [T, B, h]; `noisy`: with dropout_in_ on their embeddings.
  virtual torch::Tensor embed(const torch::Tensor& words, bool noisy) = 0;
  /// embedded [T, B, h], z [B, d] or undefined -> states [T, B, width], of which step t has seen the words up to t.
  virtual torch::Tensor states_of(const torch::Tensor& embedded, const torch::Tensor& z) = 0;

  std::unique_ptr<Writer> writer(const torch::Tensor& z) override;

  nn::Dropout dropout_in_{nullptr};

 private:
  /// What the softmax layer reads, [T, B, width (+ d)]; noisy: with dropout.
  torch::Tensor noisy_outputs(const Batch& batch, const torch::Tensor& z);
  torch::Tensor outputs(const torch::Tensor& embedded, const torch::Tensor& z);
  bool has_latent_ = false, skip_ = false;
  nn::Dropout dropout_out_{nullptr};
  nn::LinearCrossEntropy output_{nullptr};
};

}  // namespace klbench

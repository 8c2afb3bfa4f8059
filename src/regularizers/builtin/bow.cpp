#include "core/special_words.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A bag of words from z (Zhao et al., ACL 2017): a network of its own, linear, sigmoid, linear, predicts every word of
/// the sentence from z alone,
///   extra loss = weight mean_B sum_t -ln softmax(f(z))[w_t],
/// w_t the predicted words, </s> among them. With `mean_of_words` the sum is divided by the words of the longest
/// sentence of the batch, as in the public code of DG-VAEs (Zhang et al., NeurIPS 2022: --add_bow, hidden units d),
/// which adds the gradient of this term and not its value to the loss that it reports; the paper has the sum.
class Bow : public Regularizer {
 public:
  Bow(const Options& options, const ModelFacts& model)
      : weight_(options.real("weight")), mean_of_words_(options.boolean("mean_of_words")) {
    hidden_ = register_module("hidden", torch::nn::Linear(model.latent_dim, model.latent_dim));
    words_ = register_module("words", torch::nn::Linear(model.latent_dim, model.vocabulary));
  }

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto log_p = words_->forward(torch::sigmoid(hidden_->forward(terms.z))).log_softmax(1);  // [B, V]
    const auto words = terms.x.slice(0, 1).t();                                                    // [B, T]
    const auto each = -log_p.gather(1, words) * words.ne(kPad);
    const auto sum = each.sum(1).mean();
    return weight_ * (mean_of_words_ ? sum / words.size(1) : sum);
  }

 private:
  double weight_;
  bool mean_of_words_;
  torch::nn::Linear hidden_{nullptr}, words_{nullptr};
};

KLBENCH_REGULARIZER(
    Bow, {.key = "bow",
          .summary = "bag-of-words loss from z alone",
          .paper = "Zhao et al., ACL 2017; for sentence VAEs Zhang et al., NeurIPS 2022",
          .recipe = "zhang2022",
          .options = {{.name = "weight", .default_value = 1.0, .help = "of the loss", .min = 0, .min_open = true},
                      {.name = "mean_of_words",
                       .default_value = false,
                       .help = "divide by the words of the longest sentence of a batch, as DG-VAEs"}},
          .domain = kText,
          .any_latent = true});

}  // namespace

}  // namespace klbench

// Datasets, encoders and decoders as a study names them.
#include "catch.h"
#include "study_fixture.h"

using namespace klbench;

namespace {

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(StudyFixture, "A component is a name or a map, and brings its own options") {
  const std::vector<std::string> names = {"model.encoder.name", "model.decoder.name", "model.decoder.hidden_dim",
                                          "model.decoder.dropout_in"};
  CHECK(rows(cells(""), names) == Rows{"lstm lstm 256 0.5"});
  CHECK(rows(cells("data: pictures\nmodel: {encoder: mlp, decoder: {name: mlp, hidden_dim: 7}}"), names) ==
        Rows{"mlp mlp 7 -"});
  CHECK(rows(cells("", {"model.decoder.dropout_in=0.1"}), names) == Rows{"lstm lstm 256 0.1"});
  CHECK(error("model: {decoder: lstn}") ==
        "study.yaml:2:18: option 'model.decoder.name' wants one of: bag, lstm, mlp; got 'lstn' (did you mean 'lstm'?)");
  CHECK(error("data: pictures\nmodel: {encoder: mlp, decoder: {name: mlp, dropout_in: 0.1}}") ==
        "study.yaml:3:44: unknown option of mlp 'dropout_in'; valid: hidden_dim");
  CHECK_THAT(error("model: {encoder: {hidden: 3}}"), ContainsSubstring("did you mean 'model.encoder.hidden_dim'"));
}

TEST_CASE_METHOD(StudyFixture, "model.<option> is encoder's and decoder's, and what one of them lacks is the other's") {
  const std::vector<std::string> names = {"model.encoder.hidden_dim", "model.decoder.hidden_dim",
                                          "model.decoder.dropout_in", "model.encoder.init"};
  CHECK(rows(cells("model: {hidden_dim: 9, dropout_in: 0.25}"), names) == Rows{"9 9 0.25 torch"});
  CHECK(rows(cells("model: {hidden_dim: 9}", {"model.encoder.hidden_dim=4"}), names) == Rows{"4 9 0.5 torch"});
  CHECK(rows(cells("model.encoder.hidden_dim: 4", {"model.hidden_dim=9"}), names) == Rows{"9 9 0.5 torch"});
  CHECK(rows(cells("sweep: {model.hidden_dim: [3, 5]}"), names) == Rows{"3 3 0.5 torch", "5 5 0.5 torch"});
  CHECK(rows(cells("sweep: {model.hidden_dim: [3, 5]}\nexclude: [{model.hidden_dim: 3}]"), names) ==
        Rows{"5 5 0.5 torch"});
  CHECK(error("model: {hidden_dim: 9, encoder: {hidden_dim: 4}}") ==
        "study.yaml:2:34: 'model.encoder.hidden_dim' is set twice in this file");
  CHECK(error("data: pictures\nmodel: {encoder: mlp, decoder: mlp, dropout_in: 0.1}") ==
        "study.yaml:3:37: neither encoder 'mlp' nor decoder 'mlp' has an option 'dropout_in'");
}

TEST_CASE_METHOD(StudyFixture, "Encoders and decoders are swept as whole entries") {
  const std::vector<std::string> names = {"model.decoder.name", "model.decoder.hidden_dim", "model.decoder.init"};
  CHECK(rows(cells("data: pictures\nmodel.encoder: mlp\nsweep:\n  model.decoder: [{name: mlp, hidden_dim: [3, 5]}]"),
             names) == Rows{"mlp 3 -", "mlp 5 -"});
  CHECK(rows(cells("model.decoder.init: uniform\nsweep:\n  model.decoder: [lstm, {name: lstm, hidden_dim: 5}]"),
             names) == Rows{"lstm 256 uniform", "lstm 5 uniform"});
  CHECK(error("sweep: {model.decoder: [[lstm]]}") ==
        "study.yaml:2:25: a value of 'model.decoder' is a name or a map {name: ..., options}");
}

TEST_CASE_METHOD(StudyFixture, "What is for text is refused for images, and the other way round") {
  CHECK(rows(cells("data: pictures"), {"model.encoder.name", "model.decoder.name"}) == Rows{"mlp mlp"});
  CHECK(error("data: pictures\nmodel.encoder: lstm") ==
        "study.yaml:3:16: encoder 'lstm' is for text, and dataset 'pictures' has images; set model.encoder.name to one "
        "of: mlp");
  CHECK(error("model.decoder: mlp") ==
        "study.yaml:2:16: decoder 'mlp' is for images, and dataset 'synthetic' has text; set model.decoder.name to one "
        "of: bag, lstm");
  const std::string pictures = "data: pictures\nmodel: {encoder: mlp, decoder: mlp}\n";
  CHECK(error(pictures + "regularizer: word_dropout") ==
        "study.yaml:4:14: regularizer 'word_dropout' is for text, and dataset 'pictures' has images");
  CHECK(rows(cells(pictures + "regularizer: bn_vae"), {"method"}) == Rows{"bn_vae"});
  CHECK(
      error(pictures + "keep.samples: 3") ==
      "study.yaml:4:15: keep.samples writes text, and dataset 'pictures' has images; set it to 0, the figure 'images' "
      "shows some");
}

TEST_CASE_METHOD(StudyFixture, "Without a latent variable there is no encoder, and the decoder gives the name") {
  const auto lm = cells("model.latent_dim: 0");
  CHECK(rows(lm, {"method", "model.encoder.name", "model.decoder.name"}) == Rows{"lstm_lm - lstm"});
  CHECK(rows(cells("data: pictures\nmodel: {latent_dim: 0, decoder: mlp}"), {"method"}) == Rows{"mlp_lm"});
  CHECK(is_language_model("mlp_lm"));
  CHECK_FALSE(is_language_model("vae"));
  CHECK(varying_options({lm[0].flat(), cells("")[0].flat()}).empty());
  CHECK(error("model: {latent_dim: 0, decoder: bag}") ==
        "study.yaml:2:21: decoder 'bag' wants a latent variable; set model.latent_dim to 1 or more, or another "
        "model.decoder");
}

TEST_CASE_METHOD(StudyFixture, "Posterior and prior are components, and the prior follows the posterior") {
  const std::vector<std::string> names = {"model.posterior.name", "model.posterior.kappa", "model.prior.name"};
  CHECK(rows(cells(""), names) == Rows{"gaussian - standard"});
  CHECK(rows(cells("model.posterior: {name: vmf, kappa: 20}"), names) == Rows{"vmf 20.0 sphere"});
  CHECK(rows(cells("model: {posterior: vmf, prior: {name: vamp, components: 7}}"), names) == Rows{"vmf 80.0 vamp"});
  CHECK(rows(cells("sweep: {model.posterior: [flow, {name: vmf, kappa: [5, 9]}]}"), names) ==
        Rows{"flow - standard", "vmf 5.0 sphere", "vmf 9.0 sphere"});
  CHECK(rows(cells("model: {latent_dim: 0, posterior: vmf}"), names) == Rows{"- - -"});
  CHECK(error("model: {posterior: vmf, prior: standard}") ==
        "study.yaml:2:32: prior 'standard' does not go with posterior 'vmf', which is on the unit sphere; set "
        "model.prior to one of: sphere, vamp");
  CHECK(error("model: {posterior: flow, prior: vamp}") ==
        "study.yaml:2:33: prior 'vamp' does not go with posterior 'flow', which knows log q of its own draws only; set "
        "model.prior to one of: standard");
  CHECK(error("model: {prior: sphere}") ==
        "study.yaml:2:16: prior 'sphere' does not go with posterior 'gaussian'; set model.prior to one of: standard, "
        "vamp");
  CHECK(error("model: {posterior: vmf, latent_dim: 1}") ==
        "study.yaml:2:20: posterior 'vmf' wants model.latent_dim of at least 2");
  CHECK(error("model: {encoder: bag, prior: vamp}") ==
        "study.yaml:2:30: prior 'vamp' wants vectors in the place of words, which encoder 'bag' does not have; set "
        "model.encoder to one of: lstm");
  CHECK(error("data: pictures\nmodel: {prior: vamp, encoder: {name: mlp, batch_norm: true}}") ==
        "study.yaml:3:55: model.encoder.batch_norm: prior 'vamp' encodes pseudo-inputs in every step, which would be "
        "normalised by their own statistics and move the running ones; set it to false");
  CHECK(rows(cells("data: pictures\nmodel: {prior: vamp, encoder: mlp}"), names) == Rows{"gaussian - vamp"});
}

TEST_CASE_METHOD(StudyFixture, "A remedy is refused with posteriors and priors that its formula is not of") {
  CHECK(error("model.prior: vamp\nregularizer: free_bits") ==
        "study.yaml:3:14: regularizer 'free_bits' is defined for Gaussian posteriors and a standard normal prior; here "
        "are posterior 'gaussian' and prior 'vamp'");
  CHECK(error("model.posterior: vmf\nregularizer: bn_vae") ==
        "study.yaml:3:14: regularizer 'bn_vae' makes Gaussian posteriors; here are posterior 'vmf' and prior 'sphere'");
  CHECK(error("model.prior: vamp\nregularizer: bn_vae") ==
        "study.yaml:3:14: regularizer 'bn_vae' normalises over the batch, of which pseudo-inputs are none; here are "
        "posterior 'gaussian' and prior 'vamp'");
  CHECK(rows(cells("model.posterior: flow\nregularizer: bn_vae"), {"method"}) == Rows{"bn_vae"});
  CHECK(rows(cells("model.posterior: vmf\nregularizer: kl_annealing"), {"method"}) == Rows{"kl_annealing"});
}

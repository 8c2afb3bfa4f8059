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
        "study.yaml:2:18: option 'model.decoder.name' wants one of: lstm, mlp; got 'lstn' (did you mean 'lstm'?)");
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
        "of: lstm");
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
}

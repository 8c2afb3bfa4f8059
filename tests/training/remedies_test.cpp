// Each remedy, trained on a few hundred synthetic sentences, moves what it claims to move. Thresholds lie inside
// what seeds 0 to 2 show.
#include <cmath>
#include <functional>

#include "catch.h"
#include "lab.h"

using namespace klbench;
using namespace klbench::test;

namespace {

void vae(Lab& lab) {
  CHECK(lab.vae().train("rec") < lab.vae().train("rec", 1) - 10);
  CHECK(lab.vae().train("kl") < 1);
}

void kl_annealing(Lab& lab) {
  const auto cell = lab.run({{"kl_annealing", {{"warmup_epochs", 4.0}}}});
  CHECK(cell.highest("kl") > 1.5 * lab.vae().highest("kl"));  // while the weight is small
  CHECK(cell.train("kl_weight") == Approx(1));
}

void free_bits(Lab& lab) {
  const auto cell = lab.run({{"free_bits", {{"lambda", 0.5}}}});
  CHECK(nearer(cell.train("kl"), lab.vae().train("kl"), 4 * 0.5, 0.8));
}

void bn_vae(Lab& lab) {
  const auto cell = lab.run({{"bn_vae", {{"gamma", 1.0}}}});
  CHECK(cell.real_fact("kl_floor_nominal") == Approx(2));
  check_floor(cell, 0.95 * 2);  // eps takes a part of a small batch variance
}

void sym_bn_vae(Lab& lab) {
  const auto cell = lab.run({{"sym_bn_vae", {{"tau", 0.7}, {"sigma_input", std::string("log_var")}}}});
  check_floor(cell, -2 * std::log1p(-0.7));
  for (const double second : cell.result.epochs.back().diagnostics.at("batch_second_moment")) {
    CHECK(second == Approx(1).margin(0.01));  // of the prior
  }
}

void ln_vae(Lab& lab) {
  const auto cell = lab.run({{"ln_vae", {{"gamma", 1.0}}}});
  CHECK(cell.train("kl") > 0.95 * 2);
}

void delta_vae(Lab& lab) {
  const auto cell = lab.run({{"delta_vae", {{"delta", 0.5}}}});
  check_floor(cell, 4 * 0.5);
  CHECK(cell.train("kl") < 2.5);  // committed, not driven up
}

void du_vae(Lab& lab) { check_floor(lab.run({{"du_vae", {{"gamma", 1.0}}}}), 2); }

void beta_vae(Lab& lab) {
  CHECK(lab.run({{"beta_vae", {{"beta", 0.1}}}}).train("kl") > lab.vae().train("kl") + 1.5);
  CHECK(lab.run({{"beta_vae", {{"beta", 4.0}}}}).train("kl") < 0.2 * lab.vae().train("kl"));
}

void capacity(Lab& lab) {
  const auto cell = lab.run({{"capacity", {{"gamma", 10.0}, {"max_capacity", 3.0}, {"warmup_epochs", 4.0}}}});
  CHECK(std::abs(cell.train("kl") - 3) < 0.3);
  CHECK(std::abs(cell.train("kl", 2) - 3 * 1.5 / 4) < 0.5);  // the capacity in the middle of the second epoch
}

void control_vae(Lab& lab) {
  const auto cell = lab.run({{"control_vae", {{"target", 3.0}, {"kp", 0.1}, {"ki", 0.001}}}});
  CHECK(nearer(cell.settled("kl"), lab.vae().settled("kl"), 3, 1));
}

void soft_free_bits(Lab& lab) {
  const auto cell = lab.run({{"soft_free_bits", {{"target", 2.0}, {"rate", 0.05}}}});
  CHECK(nearer(cell.settled("kl"), lab.vae().settled("kl"), 2, 0.7));
}

void geco(Lab& lab) {
  const auto with_target = [&lab](double target) {
    return lab.run({{"geco", {{"target", target}, {"rate", 0.03}, {"alpha", 0.9}}}});
  };
  const auto tight = with_target(25), loose = with_target(34);
  CHECK(nearer(tight.train("rec"), lab.vae().train("rec"), 25, 1));
  CHECK(nearer(loose.train("rec"), lab.vae().train("rec"), 34, 1));
  CHECK(tight.diagnostic("geco.lambda") > 10);
  CHECK(loose.diagnostic("geco.lambda") < 0.1);
  CHECK(tight.train("kl") > 5);
  CHECK(loose.train("kl") < 0.1);
}

void mu_forcing(Lab& lab) {
  const auto cell = lab.run({{"mu_forcing", {{"beta", 3.0}}}});
  CHECK(cell.valid_sum("mu_var") > 2 * lab.vae().valid_sum("mu_var"));
  CHECK(cell.train("kl") > lab.vae().train("kl") + 1);
}

void info_vae(Lab& lab) {
  // Against the same weight on the KL without the distance from the prior.
  const auto cell = lab.run({{"info_vae", {{"alpha", 0.9}, {"lambda", 20.0}}}});
  const auto without = lab.run({{"beta_vae", {{"beta", 0.1}}}});
  CHECK(cell.valid("marginal_kl_gap") < 0.7 * without.valid("marginal_kl_gap"));
  CHECK(cell.valid("mi") > lab.vae().valid("mi") + 0.2);
}

void word_dropout(Lab& lab) {
  const auto cell = lab.run({{"word_dropout", {{"rate", 1.0}}}});
  CHECK(cell.train("rec") > lab.vae().train("rec") + 1.5);
  CHECK(cell.valid("swap_gap") > 1.5 * lab.vae().valid("swap_gap"));  // the decoder leans on z instead
}

void skip_decoder(Lab& lab) {
  const auto cell = lab.run({{"skip_decoder", {}}});
  CHECK(cell.weights.at("decoder.output.weight").size(1) == 12 + 4);
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.8);
  CHECK(cell.train("rec") < lab.vae().train("rec") - 1.5);
}

void pooling_encoder(Lab& lab) {
  const Parts max{{"pooling_encoder", {{"pooling", std::string("max")}}}};
  const Parts mean{{"pooling_encoder", {{"pooling", std::string("mean")}}}};
  const auto last = lab.untrained({{"vae", {}}}), of_max = lab.untrained(max), of_mean = lab.untrained(mean);
  REQUIRE(same_encoder(last, of_max));
  REQUIRE(same_encoder(last, of_mean));
  CHECK(of_max.valid("kl") > 2 * of_mean.valid("kl"));  // with the same weights maxima lie to one side
  // In long sentences the last state has lost what the pooled ones still know.
  const auto kl_in_long_sentences = [&lab](const Parts& parts) {
    double sum = 0;
    for (std::int64_t seed = 0; seed < 3; ++seed) {
      sum +=
          lab.run(parts, {{"seed", seed}, {"data.min_length", std::int64_t{40}}, {"data.max_length", std::int64_t{40}}})
              .settled("kl");
    }
    return sum / 3;
  };
  CHECK(kl_in_long_sentences(max) > 1.1 * kl_in_long_sentences({{"vae", {}}}));
}

void frozen_encoder(Lab& lab) {
  const Parts parts{{"frozen_encoder", {}}, {"bn_vae", {{"gamma", 1.0}}}};
  const auto before = lab.untrained(parts), after = lab.run(parts);
  CHECK(same_encoder(before, after));
  CHECK_FALSE(same_encoder(before, lab.vae()));
  CHECK_FALSE(torch::equal(before.weights.at("decoder.output.weight"), after.weights.at("decoder.output.weight")));
  CHECK(after.train("rec") < after.train("rec", 1) - 10);
}

void aggressive(Lab& lab) {
  const auto cell = lab.run({{"aggressive", {{"max_inner", std::int64_t{12}}, {"window", std::int64_t{3}}}}});
  CHECK(cell.train("kl", 1) > 2 * lab.vae().train("kl", 1));
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.25);
}

void pretrain_fb(Lab& lab) {
  const auto cell = lab.run({{"pretrain_fb", {{"pretrain_epochs", std::int64_t{2}}, {"warmup_epochs", 2.0}}}});
  CHECK(cell.train("kl_weight", 2) == 0);
  CHECK(cell.train("kl", 2) > 5 * lab.vae().train("kl", 2));
  CHECK(cell.train("rec", 3) > cell.train("rec", 2) + 4);  // a new decoder
  CHECK(cell.train("kl_weight", 3) == Approx(0.25).margin(0.05));
  CHECK(cell.train("kl_weight", 5) == Approx(1));
  CHECK(cell.count("selected_epoch") >= 4);
  CHECK(std::get<bool>(cell.result.facts.at("schedule_complete")));
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.2);
}

void beta_tc(Lab& lab) {
  const auto cell = lab.run({{"beta_tc", {{"alpha", 0.1}, {"beta", 1.0}}}});  // information costs a tenth
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.5);
}

void bow(Lab& lab) {
  const auto cell = lab.run({{"bow", {}}});
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.2);
  CHECK(cell.weights.contains("remedy.bow.words.weight"));
}

void dg_vae(Lab& lab) {
  const auto cell = lab.run({{"dg_vae", {}}});
  CHECK(cell.train("kl") > lab.vae().train("kl") + 1);
}

void mdr(Lab& lab) {
  const auto cell = lab.run({{"mdr", {{"rate", 3.0}}}});
  CHECK(cell.highest("kl") > 6);  // first the multiplier is above 1, and the KL is pushed up
  CHECK(cell.train("kl") > lab.vae().train("kl") + 1);
  CHECK(cell.train("kl") < 8);
}

void mpd(Lab& lab) {
  const auto cell = lab.run({{"mpd", {{"eta", 5.0}}}});
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.5);
}

void wae_mmd(Lab& lab) {
  const auto cell = lab.run({{"wae_mmd", {}}});
  CHECK(cell.train("kl_weight") == 0);
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.1);
}

void aae(Lab& lab) {
  const auto cell = lab.run({{"aae", {}}});
  CHECK(cell.train("kl") > lab.vae().train("kl") + 1);
}

void factor_vae(Lab& lab) {
  const auto cell = lab.run({{"factor_vae", {}}});
  CHECK(cell.weights.contains("remedy.factor_vae.discriminator.layer0.weight"));
  CHECK(beside_elbo(cell) != beside_elbo(cell, 1));
}

void dip_vae(Lab& lab) {
  const auto cell = lab.run({{"dip_vae", {}}});
  CHECK(nearer(cell.valid_sum("mu_var"), lab.vae().valid_sum("mu_var"), 4, 1));  // variances of 1
}

void scale_vae(Lab& lab) {
  const auto cell = lab.run({{"scale_vae", {}}});
  CHECK(cell.train("kl_penalised") < cell.train("kl") - 0.5);
  CHECK(cell.train("kl") > lab.vae().train("kl") + 1);
  CHECK(cell.valid("kl_penalised") == Approx(cell.train("kl_penalised")).margin(0.5));
  CHECK(cell.valid("kl") == Approx(cell.train("kl")).margin(1));
}

void iwae(Lab& lab) {
  const auto cell = lab.run({{"iwae", {}}});
  CHECK(cell.train("kl_weight") == 0);
  CHECK(beside_elbo(cell) < 0);  // a bound above the ELBO
}

void coupled_vae(Lab& lab) {
  const auto cell = lab.run({{"coupled_vae", {}}});
  CHECK(cell.weights.contains("remedy.coupled_vae.code.weight"));
  CHECK(beside_elbo(cell) < beside_elbo(cell, 1) - 10);  // the twin learns to be decoded
}

void fraternal(Lab& lab) {
  const auto distance_at = [&lab](double kappa) {
    return beside_elbo(lab.run({{"fraternal", {{"kappa", kappa}}}})) / kappa;
  };
  CHECK(distance_at(3.0) < 0.5 * distance_at(0.01));
}

void latent_reconstruction(Lab& lab) {
  const auto cell = lab.run_on_images({{"latent_reconstruction", {}}});
  CHECK(beside_elbo(cell) < 0.7 * beside_elbo(cell, 1));
}

void bn_scale_schedule(Lab& lab) {
  const auto cell = lab.run({{"bn_scale_schedule", {{"from", 1.2}, {"to", 0.5}, {"warmup_epochs", 6.0}}}});
  check_floor(cell, 0.95 * 4 * 0.5 * 0.25);
  CHECK(cell.train("kl", 1) > 0.9 * 4 * 0.5);
  CHECK(cell.diagnostic("bn_scale_schedule.scale") == Approx(0.5));
}

void whiten_bn(Lab& lab) {
  const auto cell = lab.run({{"whiten_bn", {{"gamma", 1.0}}}});
  check_floor(cell, 0.9 * 2);
}

void sa_vae(Lab& lab) {
  const auto cell = lab.run({{"sa_vae", {{"steps", std::int64_t{5}}}}});
  CHECK(cell.train("kl") > lab.vae().train("kl") + 0.2);
}

const std::map<std::string, std::function<void(Lab&)>> kExpectations{{"aae", aae},
                                                                     {"bn_scale_schedule", bn_scale_schedule},
                                                                     {"coupled_vae", coupled_vae},
                                                                     {"dip_vae", dip_vae},
                                                                     {"factor_vae", factor_vae},
                                                                     {"fraternal", fraternal},
                                                                     {"iwae", iwae},
                                                                     {"latent_reconstruction", latent_reconstruction},
                                                                     {"sa_vae", sa_vae},
                                                                     {"scale_vae", scale_vae},
                                                                     {"whiten_bn", whiten_bn},
                                                                     {"aggressive", aggressive},
                                                                     {"beta_tc", beta_tc},
                                                                     {"bow", bow},
                                                                     {"dg_vae", dg_vae},
                                                                     {"mdr", mdr},
                                                                     {"mpd", mpd},
                                                                     {"wae_mmd", wae_mmd},
                                                                     {"beta_vae", beta_vae},
                                                                     {"bn_vae", bn_vae},
                                                                     {"capacity", capacity},
                                                                     {"control_vae", control_vae},
                                                                     {"delta_vae", delta_vae},
                                                                     {"du_vae", du_vae},
                                                                     {"free_bits", free_bits},
                                                                     {"frozen_encoder", frozen_encoder},
                                                                     {"geco", geco},
                                                                     {"info_vae", info_vae},
                                                                     {"kl_annealing", kl_annealing},
                                                                     {"ln_vae", ln_vae},
                                                                     {"mu_forcing", mu_forcing},
                                                                     {"pooling_encoder", pooling_encoder},
                                                                     {"pretrain_fb", pretrain_fb},
                                                                     {"skip_decoder", skip_decoder},
                                                                     {"soft_free_bits", soft_free_bits},
                                                                     {"sym_bn_vae", sym_bn_vae},
                                                                     {"vae", vae},
                                                                     {"word_dropout", word_dropout}};

}  // namespace

TEST_CASE("every remedy moves in training what it claims to move") {
  Lab lab;
  const auto& remedies = RegularizerRegistry::instance().entries();
  REQUIRE(remedies.size() >= 20);
  for (const auto& [key, entry] : remedies) {
    INFO(key);
    const auto expectation = kExpectations.find(key);
    if (expectation != kExpectations.end()) {
      expectation->second(lab);
    } else {  // a new remedy takes some effect; what it should move is better said above
      CHECK(lab.run({{key, {}}}).train("loss") != lab.vae().train("loss"));
    }
  }
}

TEST_CASE("a remedy with state goes on bit for bit after interruptions") {
  const FolderWithCache scratch;
  const auto parts = GENERATE(
      Parts{{"control_vae", {{"ki", 0.01}}}}, Parts{{"geco", {{"target", 30.0}, {"rate", 0.01}}}},
      Parts{{"soft_free_bits", {{"target", 1.0}}}}, Parts{{"mdr", {{"lr", 0.1}}}, {"bow", {}}},
      Parts{{"aggressive", {{"max_inner", std::int64_t{6}}, {"window", std::int64_t{2}}}}},
      Parts{{"pretrain_fb", {{"pretrain_epochs", std::int64_t{1}}, {"warmup_epochs", 1.0}}}},
      Parts{{"frozen_encoder", {}}, {"du_vae", {{"variance_from_epoch", std::int64_t{1}}}}, {"kl_annealing", {}}});
  const auto config = small_cell(parts, {{"trainer.optimizer", std::string("adam")}, {"trainer.lr", 0.01}});
  INFO(config.canonical());
  const std::string whole = train(config, scratch / "whole", "c");
  CHECK(train_in_pieces(config, scratch / "pieces", "c") == whole);
}

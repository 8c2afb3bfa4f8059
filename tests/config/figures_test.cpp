#include "config/figures.h"

#include "catch.h"
#include "study_fixture.h"

using namespace klbench;

TEST_CASE_METHOD(StudyFixture, "Figures are read with all their keys") {
  const auto figures = load(R"yaml(study: s
figures:
  - {name: tau, kind: sweep, metric: [kl, mi], over: regularizer.sym_bn_vae.tau, floor: true, log_x: true, log_y: true,
     split: valid, title: "a `b` $(c)", only: [vae, bn_vae+kl_annealing, lstm_lm]}
  - {name: plane, kind: rate_distortion}
)yaml")
                           .figures;
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].name == "tau");
  CHECK(figures[0].kind == "sweep");
  CHECK(figures[0].metrics == std::vector<std::string>{"kl", "mi"});
  CHECK(figures[0].over == "regularizer.sym_bn_vae.tau");
  CHECK(figures[0].floor);
  CHECK(figures[0].log_x);
  CHECK(figures[0].log_y);
  CHECK(figures[0].split == "valid");
  CHECK(figures[0].title == "a `b` $(c)");
  CHECK(figures[0].only == std::vector<std::string>{"vae", "bn_vae+kl_annealing", "lstm_lm"});
  CHECK(figures[1].metrics.empty());
  CHECK(figures[1].split == "test");
  CHECK_FALSE(figures[1].floor);
}

TEST_CASE_METHOD(StudyFixture, "One metric may stand alone; curves are of valid unless they say otherwise") {
  const auto figures = load(
                           "study: s\nfigures: [{name: a, kind: curve, metric: kl}, {name: b, kind: curve, metric: kl, "
                           "split: train}]\n")
                           .figures;
  CHECK(figures[0].metrics == std::vector<std::string>{"kl"});
  CHECK(figures[0].split == "valid");
  CHECK(figures[1].split == "train");
}

TEST_CASE_METHOD(StudyFixture, "Bad figures are refused where they stand") {
  const auto figure = [&](const std::string& entry) { return error("figures:\n  - " + entry); };
  CHECK(figure("{name: a, kind: curv, metric: kl}") ==
        "study.yaml:3:21: unknown figure kind 'curv' (did you mean 'curve'?); valid: curve, bars, sweep, "
        "rate_distortion, table, heatmap, histogram, latent, moments, mean_space, floor, dynamics");
  CHECK_THAT(figure("{name: a, knd: curve}"),
             ContainsSubstring("study.yaml:3:15: unknown key of a figure 'knd' (did you mean 'kind'?)"));
  CHECK(figure("{kind: table}") == "study.yaml:3:5: a figure wants 'name'");
  CHECK(figure("{name: a}") == "study.yaml:3:5: a figure wants 'kind'");
  CHECK(figure("{name: a, kind: bars}") == "study.yaml:3:5: a figure of kind 'bars' wants 'metric'");
  CHECK(figure("{name: a, kind: sweep, metric: kl}") ==
        "study.yaml:3:5: a figure of kind 'sweep' wants 'over', the swept option");
  CHECK(figure("{name: a, kind: table, metric: []}") == "study.yaml:3:36: 'metric' wants at least one name");
  CHECK_THAT(figure("{name: ../a, kind: table}"), ContainsSubstring("study.yaml:3:12: 'name' names files"));
  CHECK_THAT(figure("{name: a, kind: table, split: tset}"),
             ContainsSubstring("study.yaml:3:35: unknown split 'tset' (did you mean 'test'?)"));
  CHECK(figure("{name: a, kind: table, floor: maybe}") == "study.yaml:3:35: 'floor' wants true or false, got 'maybe'");
  CHECK_THAT(figure("{name: a, kind: sweep, metric: kl, over: regularizer.bn_vae.tau}"),
             ContainsSubstring("study.yaml:3:46: unknown option of bn_vae 'tau'"));
  CHECK_THAT(figure("{name: a, kind: table, only: [bn_vea]}"),
             ContainsSubstring("study.yaml:3:35: unknown regularizer 'bn_vea' (did you mean 'bn_vae'?)"));
  CHECK(figure("{name: a, kind: table}\n  - {name: a, kind: table}") ==
        "study.yaml:4:12: a second figure is called 'a'");
  CHECK(error("figures: 3") == "study.yaml:2:10: 'figures' wants a list of maps");
}

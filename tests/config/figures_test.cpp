#include "config/figures.h"

#include <algorithm>
#include <map>

#include "catch.h"
#include "config/figure_json.h"
#include "sample_figures.h"
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

TEST_CASE_METHOD(StudyFixture, "A figure may say how it looks") {
  const auto figures = load(R"yaml(study: s
names: {bn_vae: BN, vae: VAE}
figures:
  - {name: a, kind: bars, metric: kl, width: acl_column, aspect: 1.5, legend: inside, notes: file, dpi: 300, title: none,
     names: {bn_vae: BN-VAE, gamma: γ}}
  - {name: b, kind: table, width: 3.25}
)yaml")
                           .figures;
  CHECK(figures[0].width == Approx(219.086 / 72.27).epsilon(1e-4));  // TeX points of an ACL column
  CHECK(figures[0].aspect == 1.5);
  CHECK(figures[0].legend == "inside");
  CHECK(figures[0].notes == "file");
  CHECK(figures[0].dpi == 300);
  CHECK(figures[0].names == std::map<std::string, std::string>{{"bn_vae", "BN-VAE"}, {"gamma", "γ"}, {"vae", "VAE"}});
  CHECK(figures[1].width == 3.25);
  CHECK(figures[1].names.at("bn_vae") == "BN");
}

TEST_CASE_METHOD(StudyFixture, "Rows to draw are methods, labels, or maps of options") {
  const auto figures = load(R"yaml(study: s
figures:
  - {name: a, kind: table, only: [vae, bn_vae gamma=.6, {name: kl_annealing+bn_vae, bn_vae.gamma: [0.4, 0.6], lr: 1}]}
)yaml")
                           .figures;
  CHECK(figures[0].only == std::vector<std::string>{"vae", "bn_vae gamma=.6",
                                                    "bn_vae+kl_annealing bn_vae.gamma=0.4 lr=1",
                                                    "bn_vae+kl_annealing bn_vae.gamma=0.6 lr=1"});
}

TEST_CASE_METHOD(StudyFixture, "How a figure cannot look is refused where it stands") {
  const auto figure = [&](const std::string& more) {
    return error("figures:\n  - {name: a, kind: table, " + more + "}");
  };
  CHECK(figure("width: acl") ==
        "study.yaml:3:35: 'width' wants acl_column, acl_page, neurips or inches from 1 to 20, got 'acl'");
  CHECK(figure("names: [bn_vae]") == "study.yaml:3:35: 'names' wants a map, e.g. {bn_vae: BN-VAE, gamma: γ}");
  CHECK(figure("names: {vae: ''}") == "study.yaml:3:41: a display name is not empty");
  CHECK(figure("only: [{}]") ==
        "study.yaml:3:35: a row is a method, \"bn_vae gamma=.6\", or {name: bn_vae, gamma: 0.6}");
  const auto bars = [&](const std::string& more) {
    return error("figures:\n  - {name: a, kind: bars, metric: kl, " + more + "}");
  };
  CHECK_THAT(bars("legend: left"), ContainsSubstring("study.yaml:3:47: unknown place of a legend 'left'; valid: below, "
                                                     "right, inside, none"));
  CHECK(bars("height: 3, aspect: 2") == "study.yaml:3:58: give 'height' or 'aspect', not both");
  CHECK(bars("dpi: 10") == "study.yaml:3:44: 'dpi' wants a number from 50 to 1200");
  CHECK(error("figures: [{name: a, kind: sweep, metric: kl, over: seed, x_limits: [2, 1]}]") ==
        "study.yaml:2:68: 'x_limits' wants two numbers, the lower first: x_limits: [0, 10]");
}

TEST_CASE("Figures are read back from JSON, those of earlier versions with defaults") {
  FigureSpec figure;
  figure.name = "a";
  figure.kind = "bars";
  figure.metrics = {"kl"};
  figure.only = {"vae", "bn_vae gamma=.6"};
  figure.width = 3.25;
  figure.x_limits = {0, 2.5};
  figure.names = {{"gamma", "γ"}};
  figure.transpose = true;
  const std::string text = figures_json({figure});
  CHECK(figures_json(figures_of_json(text)) == text);
  CHECK(figures_of_json(text)[0].names == figure.names);
  CHECK(figures_of_json(text)[0].x_limits == figure.x_limits);
  FigureSpec narrower = figure;
  narrower.width = 3;
  CHECK(figures_json({narrower}) != text);
  const auto early = figures_of_json(R"([{"name": "a", "kind": "bars", "title": "", "metrics": ["kl"], "split": "test",
      "over": "", "floor": true, "log_x": false, "log_y": false, "only": []}])");
  CHECK(early[0].floor);
  CHECK(early[0].width == 0);
  CHECK(early[0].names.empty());
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

TEST_CASE_METHOD(StudyFixture, "A figure knows where its values stand") {
  const auto figures = load("study: s\nfigures:\n  - {name: a, kind: bars, metric: [kl, mi]}\n").figures;
  const auto at = [&](const std::string& key, const std::string& value = "") {
    const Place place = figures[0].place(key, value);
    CHECK_THAT(place.file, ContainsSubstring("study.yaml"));
    return std::pair(place.line, place.column);
  };
  CHECK(at("metric", "mi") == std::pair(3, 40));
  CHECK(at("metric", "nll") == std::pair(3, 35));
  CHECK(at("kind") == std::pair(3, 21));
  CHECK(at("split", "test") == std::pair(3, 5));
  CHECK(FigureSpec().place("metric").file.empty());
}

TEST_CASE_METHOD(StudyFixture, "Bad figures are refused where they stand") {
  const auto figure = [&](const std::string& entry) { return error("figures:\n  - " + entry); };
  CHECK(figure("{name: a, kind: curv, metric: kl}") ==
        "study.yaml:3:21: unknown figure kind 'curv' (did you mean 'curve'?); valid: curve, bars, "
        "floor, surgery, sweep and 9 more");
  CHECK_THAT(figure("{name: a, knd: curve}"),
             ContainsSubstring("study.yaml:3:15: unknown key of a figure 'knd' (did you mean 'kind'?)"));
  CHECK(figure("{kind: table}") == "study.yaml:3:5: a figure wants 'name'");
  CHECK(figure("{name: a}") == "study.yaml:3:5: a figure wants 'kind'");
  CHECK(figure("{name: a, kind: bars}") ==
        "study.yaml:3:5: a figure of kind 'bars' wants 'metric', a metric or a list of them");
  CHECK(figure("{name: a, kind: sweep, metric: kl}") ==
        "study.yaml:3:5: a figure of kind 'sweep' wants 'over', the swept option, e.g. regularizer.sym_bn_vae.tau");
  CHECK(figure("{name: a, kind: table, metric: []}") == "study.yaml:3:36: 'metric' wants at least one name");
  CHECK_THAT(figure("{name: ../a, kind: table}"), ContainsSubstring("study.yaml:3:12: 'name' names files"));
  CHECK_THAT(figure("{name: a, kind: table, split: tset}"),
             ContainsSubstring("study.yaml:3:35: unknown split 'tset' (did you mean 'test'?)"));
  CHECK(figure("{name: a, kind: bars, metric: kl, floor: maybe}") ==
        "study.yaml:3:46: 'floor' wants true or false, got 'maybe'");
  CHECK_THAT(figure("{name: a, kind: sweep, metric: kl, over: regularizer.bn_vae.tau}"),
             ContainsSubstring("study.yaml:3:46: unknown option of bn_vae 'tau'"));
  CHECK_THAT(figure("{name: a, kind: table, only: [bn_vea]}"),
             ContainsSubstring("study.yaml:3:35: unknown regularizer 'bn_vea' (did you mean 'bn_vae'?)"));
  CHECK(figure("{name: a, kind: table}\n  - {name: a, kind: table}") ==
        "study.yaml:4:12: a second figure is called 'a'");
  CHECK(error("figures: 3") == "study.yaml:2:10: 'figures' wants a list of maps");
}

TEST_CASE_METHOD(StudyFixture, "Keys that a kind would ignore are refused, with those it takes") {
  const auto figure = [&](const std::string& entry) { return error("figures:\n  - " + entry); };
  CHECK(figure("{name: a, kind: histogram, metric: kl}") ==
        "study.yaml:3:32: a figure of kind 'histogram' takes no 'metric'; valid: name, kind, split, title, only, "
        "names, width, height, aspect, legend, notes, dpi");
  CHECK(figure("{name: a, kind: curve, metric: kl, over: seed}") ==
        "study.yaml:3:40: a figure of kind 'curve' takes no 'over'; valid: name, kind, metric, split, floor, log_x, "
        "log_y, title, only, names, width, height, aspect, legend, notes, dpi");
  CHECK(figure("{name: a, split: valid, kind: mean_space}") ==
        "study.yaml:3:15: a figure of kind 'mean_space' takes no 'split'; valid: name, kind, title, only, names, "
        "width, height, aspect, legend, notes, dpi");
  CHECK(figure("{name: a, kind: heatmap, metric: [kl_dim, mu_var]}") ==
        "study.yaml:3:38: a figure of kind 'heatmap' draws one metric");
}

TEST_CASE_METHOD(StudyFixture, "What is drawn by epoch has no test split") {
  for (const std::string kind : {"curve", "dynamics"}) {
    CHECK_THAT(error("figures: [{name: a, metric: kl, split: test, kind: " + kind + "}]"),
               ContainsSubstring("study.yaml:2:40: a figure of kind '" + kind + "' is drawn by epoch") &&
                   ContainsSubstring("valid, train"));
  }
}

TEST_CASE_METHOD(StudyFixture, "Every kind takes the keys it names, explains them and refuses all others") {
  const std::map<std::string, std::string> values = {
      {"metric", "kl"},  {"split", "valid"},    {"over", "seed"},        {"floor", "true"},
      {"log_x", "true"}, {"log_y", "true"},     {"title", "t"},          {"only", "vae"},
      {"width", "5"},    {"height", "3"},       {"legend", "right"},     {"notes", "file"},
      {"dpi", "300"},    {"transpose", "true"}, {"names", "{vae: VAE}"}, {"x_limits", "[0, 1]"}};
  for (const auto& [name, kind] : FigureRegistry::instance().entries()) {
    INFO(name);
    const auto keys = kind.keys();
    std::string entry = "{name: a, kind: " + name;
    for (const auto& key : keys) {
      CHECK_FALSE(kind.help(key).empty());
      if (key == "aspect") continue;  // not beside height
      entry += ", " + key + ": " + values.at(key);
    }
    CHECK(load("study: s\nfigures: [" + entry + "}]\n").figures.size() == 1);
    for (const auto& [key, value] : values) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      CHECK_THAT(error("figures: [" + entry + ", " + key + ": " + value + "}]"),
                 ContainsSubstring("takes no '" + key + "'"));
    }
  }
}

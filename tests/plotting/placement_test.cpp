// Where things stand in figures: width, height, legend, panels, labels.

#include <algorithm>
#include <map>

#include "config/figures.h"
#include "core/error.h"
#include "plotting/drawn_texts.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

std::size_t plots_in(const std::string& script) {
  std::size_t plots = 0;
  for (std::size_t at = script.find("\nplot $"); at != std::string::npos; at = script.find("\nplot $", at + 1)) ++plots;
  return plots;
}

}  // namespace

TEST_CASE("in a column every kind is as wide as it, with all its texts inside") {
  const StudyResult study = full_study(2);
  for (const auto& [name, kind] : FigureRegistry::instance().entries()) {
    if (kind.is_table) continue;
    INFO(name);
    FigureSpec spec = spec_for(name);
    spec.width = kAclColumn;
    const std::string script = drawn(study, spec);
    CHECK(drawn_width(script) == Approx(kAclColumn).margin(0.001));
    const double height = drawn_height(script);
    for (const Text& text : texts_of(script)) {
      INFO(text.what << " from " << text.left << " to " << text.right);
      CHECK((text.left > -0.01 && text.right < kAclColumn + 0.01));
      CHECK((text.bottom > -0.01 && text.top < height + 0.01));
    }
  }
}

TEST_CASE("height and aspect are kept, and one that leaves no room is refused") {
  const StudyResult study = full_study(2);
  FigureSpec spec = spec_for("curve");
  spec.only = {"vae", "bn_vae"};
  spec.width = 5.5;
  spec.height = 3;
  CHECK(drawn_height(drawn(study, spec)) == Approx(3).margin(0.001));
  spec.height = 0;
  spec.aspect = 2;
  const std::string script = drawn(study, spec);
  const auto margin = [&](const char* name) {
    return number_in(script, std::regex(std::string("set ") + name + " at screen ([0-9.]+)"));
  };
  const double wide = (margin("rmargin") - margin("lmargin")) * drawn_width(script);
  CHECK(wide / ((margin("tmargin") - margin("bmargin")) * drawn_height(script)) == Approx(2).epsilon(0.01));
  spec.aspect = 0;
  spec.height = 0.9;
  CHECK_THAT(usage_error([&] { check_figure(study, spec); }),
             ContainsSubstring("figure 'curve': a height of 0.9 in leaves"));
  spec = spec_for("bars");
  spec.width = 1;
  CHECK_THAT(usage_error([&] { check_figure(study, spec); }), ContainsSubstring("a width of 1 in leaves"));
}

TEST_CASE("the legend stands where it is asked for") {
  const StudyResult study = with_lm_and({"vae", "bn_vae"}, 2);
  FigureSpec spec = spec_for("curve");
  const auto place = [&](const std::string& legend) {
    spec.legend = legend;
    const auto texts = texts_of(drawn(study, spec));
    const auto of = [&](const std::string& what) {
      const auto found = std::find_if(texts.begin(), texts.end(), [&](const Text& t) { return t.what == what; });
      return found == texts.end() ? Text{"", 0, 0, 0, 0} : *found;
    };
    return std::pair(of("bn_vae"), of("epoch"));
  };
  auto [entry, axis] = place("below");
  CHECK(entry.top < axis.bottom);
  std::tie(entry, axis) = place("right");
  CHECK(entry.left > axis.right);
  CHECK(entry.bottom > axis.top);
  std::tie(entry, axis) = place("inside");
  CHECK(entry.bottom > axis.top);
  std::tie(entry, axis) = place("none");
  CHECK(entry.what.empty());
}

TEST_CASE("beside a long legend the panel is as high as it") {
  std::vector<std::string> methods;
  for (int i = 0; i < 25; ++i) methods.push_back("method_" + std::to_string(i));
  FigureSpec spec = spec_for("rate_distortion");
  spec.legend = "right";
  const std::string script = drawn(with_lm_and(methods, 1), spec);
  const auto margin = [&](const char* name) {
    return number_in(script, std::regex(std::string("set ") + name + " at screen ([0-9.]+)"));
  };
  CHECK((margin("tmargin") - margin("bmargin")) * drawn_height(script) == Approx(26 * 0.145).epsilon(0.01));
}

TEST_CASE("a label that is longer than its axis breaks within the figure, its unit too") {
  FigureSpec spec = spec_for("curve");
  spec.width = kAclColumn;
  spec.height = 1.8;
  spec.title = "none";
  const std::string script = drawn(with_lm_and({"vae", "bn_vae", "ln_vae", "free_bits", "kl_annealing"}, 1), spec);
  const auto texts = texts_of(script);
  std::size_t broken = 0;
  for (const Text& text : texts) {
    INFO(text.what);
    broken += text.what == "(nats per";
    CHECK((text.bottom > -0.01 && text.top < 1.81));
    for (const Text& other : texts) {
      const bool is_apart = text.right < other.left + 0.01 || other.right < text.left + 0.01 ||
                            text.top < other.bottom + 0.01 || other.top < text.bottom + 0.01;
      INFO(other.what);
      CHECK((&text == &other || is_apart));
    }
  }
  CHECK(broken == 1);
}

TEST_CASE("a legend inside stands in the emptiest corner") {
  const auto left_and_top = [](const std::vector<double>& kl) {
    StudyResult study;
    study.name = "s";
    study.cells = {make_cell("vae", 0)};
    for (std::size_t i = 0; i < kl.size(); ++i) {
      EpochRecord record;
      record.epoch = static_cast<std::int64_t>(i + 1);
      record.metrics["valid"]["kl"] = kl[i];
      study.cells[0].epochs.push_back(record);
    }
    FigureSpec spec = spec_for("curve");
    spec.legend = "inside";
    spec.title = "none";
    const auto texts = texts_of(drawn(study, spec));
    const auto found = std::find_if(texts.begin(), texts.end(), [](const Text& text) { return text.what == "vae"; });
    REQUIRE(found != texts.end());
    return std::pair(found->left<2, found->bottom> 1.5);
  };
  CHECK(left_and_top({5, 5, 1, 0, 0, 0, 0, 0}) == std::pair(false, true));
  CHECK(left_and_top({0, 0, 0, 0, 0, 1, 5, 5}) == std::pair(true, true));
  CHECK(left_and_top({0, 5, 5, 5, 5, 5, 5, 5}) == std::pair(false, false));
}

TEST_CASE("a legend inside hides no data: where it would, it stands below, and a warning says so") {
  StudyResult study;
  study.name = "s";
  for (int i = 0; i < 9; ++i) {  // points all over the panel
    study.cells.push_back(make_cell("bn_vae", i, {{"kl", i % 3}, {"rec", 100 + i / 3}}));
  }
  FigureSpec spec = spec_for("rate_distortion");
  spec.legend = "inside";
  spec.width = 2.5;
  const TemporaryFolder folder;
  const auto warnings = draw_figure(study, spec, {folder.path(), {"pdf"}}).warnings;
  CHECK(warnings == std::vector<std::string>{"a legend inside would hide data wherever it stands; it stands below"});
  const auto texts = texts_of(read_file(folder.path() / "rate_distortion.gp"));
  const auto top_of = [&](const std::string& what) {
    const auto found = std::find_if(texts.begin(), texts.end(), [&](const Text& text) { return text.what == what; });
    REQUIRE(found != texts.end());
    return found->top;
  };
  CHECK(top_of("bn_vae") < top_of("(nats per example)"));

  study.cells.resize(1);
  study.cells.push_back(make_cell("kl_annealing+word_dropout", 0, {{"kl", 2}, {"rec", 102}}));
  spec.width = 0;
  CHECK(draw_figure(study, spec, {folder.path(), {"pdf"}}).warnings.empty());
  const std::string script = read_file(folder.path() / "rate_distortion.gp");
  const std::regex ground("set object rectangle from screen ([0-9.]+),[0-9.]+ to screen ([0-9.]+),");
  const double left = number_in(script, ground) * drawn_width(script);
  const double right = number_in(script, ground, 2) * drawn_width(script);
  for (const Text& text : texts_of(script)) {
    if (text.what != "kl_annealing + word_dropout") continue;
    CHECK(text.left > left + 0.3);     // behind its sample
    CHECK(text.right < right - 0.04);  // inside the box
  }
}

TEST_CASE("more than eight curves of one method stand in panels of their own") {
  const auto panels = [&](int betas) {
    StudyResult study;
    study.name = "s";
    for (int i = 0; i <= betas; ++i) {
      study.cells.push_back(full_cell(i == 0 ? "vae" : "beta_vae", 0, 0.1 * i));
      if (i > 0) study.cells.back().config["regularizer.beta_vae.beta"] = 0.01 * i;
    }
    const std::string script = drawn(study, spec_for("curve"));
    CHECK(says(script, "beta_vae (β=.02)"));
    return plots_in(script);
  };
  CHECK(panels(7) == 1);
  CHECK(panels(8) == 2);  // vae, and eight variants
  CHECK(panels(20) == 21);
  CHECK(panels(41) == 2);  // too many for panels of their own
}

TEST_CASE("curves of more than eight methods stand in panels of their own") {
  const std::vector<std::string> methods = {"vae",    "bn_vae",   "free_bits", "kl_annealing", "geco",
                                            "du_vae", "beta_vae", "ln_vae",    "info_vae"};
  const auto panels = [&](std::size_t count) {
    const std::string script = drawn(
        with_lm_and({methods.begin(), methods.begin() + static_cast<std::ptrdiff_t>(count)}, 2), spec_for("curve"));
    CHECK(says(script, "the others") == (count > 8));
    return plots_in(script);
  };
  CHECK(panels(8) == 1);
  CHECK(panels(9) == 9);
}

TEST_CASE("the texts of a colour scale stand apart, beside its bar, and its unit beside them") {
  StudyResult study;
  study.name = "s";
  for (const char* method : {"vae", "bn_vae", "free_bits"}) {
    study.cells.push_back(make_cell(method, 0));
    study.cells.back().final["test"]["kl_dim"].values = {0.25, 0.1, 0};
  }
  for (const double width : {0.0, kAclColumn, 1.9}) {
    FigureSpec spec = spec_for("heatmap");
    spec.width = width;
    const std::string script = drawn(study, spec);
    INFO(width);
    const std::regex bar("set colorbox user origin screen ([0-9.]+),([0-9.]+) size screen ([0-9.]+),([0-9.]+)");
    const double bar_end = (number_in(script, bar) + number_in(script, bar, 3)) * drawn_width(script);
    const double plot_end = number_in(script, std::regex("set rmargin at screen ([0-9.]+)")) * drawn_width(script);
    CHECK(number_in(script, bar) * drawn_width(script) > plot_end);
    std::vector<Text> ticks, units;
    for (const Text& text : texts_of(script)) {
      if (text.what == "nats") units.push_back(text);
      if (text.left > plot_end && text.what != "nats") ticks.push_back(text);
    }
    REQUIRE(units.size() == 1);
    REQUIRE((ticks.size() == 2 || ticks.size() == 3));  // of 0.6 in
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      CHECK(ticks[i].left > bar_end + 0.03);
      CHECK(ticks[i].right < units[0].left);
      if (i > 0) CHECK(ticks[i].bottom > ticks[i - 1].top);
    }
  }
}

TEST_CASE("panels that share an axis name it once") {
  FigureSpec spec = spec_for("mean_space");
  const std::string script = drawn(full_study(1), spec);  // two methods, four moments
  const auto texts = texts_of(script);
  const auto count = [&](const std::string& what) {
    return std::count_if(texts.begin(), texts.end(), [&](const Text& text) { return text.what.starts_with(what); });
  };
  CHECK(count("approximate posterior") == 1);
  CHECK(count("model posterior") == 1);
  CHECK(count("2") == 2 + 4);  // tick texts on the outside
}

TEST_CASE("labels and titles of a grid stand once: a y label a column, a title a row") {
  const auto counts = [](const StudyResult& study, const FigureSpec& spec) {
    std::map<std::string, int> found;
    for (const Text& text : texts_of(drawn(study, spec))) ++found[text.what];
    return found;
  };
  FigureSpec spec = spec_for("histogram");
  spec.only = {"vae", "bn_vae", "ln_vae"};  // in one row, of different heights
  CHECK(counts(full_study(1), spec)["density"] == 1);
  spec = spec_for("dynamics");  // nine rows of three panels
  auto found =
      counts(with_lm_and({"vae", "bn_vae", "free_bits", "geco", "du_vae", "bow", "ln_vae", "mdr", "iwae"}, 1), spec);
  for (const char* text :
       {"KL divergence (nats per example)", "mutual information (nats per example)", "epoch", "vae", "mdr"})
    CHECK(found[text] == 1);
}

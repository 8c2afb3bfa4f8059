// How figures look: width, legend, names, limits, and the bytes of what is written.

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <regex>
#include <set>

#include "catch.h"
#include "config/figures.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "plotting/fixture.h"
#include "plotting/glyphs.h"
#include "plotting/group.h"
#include "plotting/picture_bytes.h"
#include "plotting/plot.h"
#include "plotting/script_file.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

constexpr double kAclColumn = 7.7 / 2.54;  // inches

/// A text of a drawn figure: its box in inches.
struct Text {
  std::string what;
  double left, right, bottom, top;
};

double number_in(const std::string& text, const std::regex& pattern, std::size_t group = 1) {
  std::smatch found;
  REQUIRE(std::regex_search(text, found, pattern));
  return std::stod(found[group]);
}

double drawn_width(const std::string& script) {
  return number_in(script, std::regex("pdfcairo noenhanced size ([0-9.]+)in"));
}
double drawn_height(const std::string& script) {
  return number_in(script, std::regex("pdfcairo noenhanced size [0-9.]+in,([0-9.]+)in"));
}

/// Every text of the first format of a script.
std::vector<Text> texts_of(const std::string& script) {
  const double width = drawn_width(script), height = drawn_height(script);
  const std::regex label(
      "set label '([^']+)' at screen ([0-9.-]+),([0-9.-]+) (left|center|right) rotate by ([0-9]+) font ',([0-9.]+)'");
  std::vector<Text> texts;
  for (std::sregex_iterator it(script.begin(), script.end(), label), end; it != end; ++it) {
    const auto& match = *it;
    const double points = std::stod(match[6]), length = text_width(match[1], points), high = points / 72;
    const double x = std::stod(match[2]) * width, y = std::stod(match[3]) * height;
    const double shift = match[4] == "left" ? 0 : match[4] == "center" ? 0.5 : 1;
    if (match[5] == "90") {
      texts.push_back({match[1], x - high / 2, x + high / 2, y - length / 2, y + length / 2});
    } else if (match[5] == "0") {
      texts.push_back({match[1], x - shift * length, x + (1 - shift) * length, y - high / 2, y + high / 2});
    }
  }
  return texts;
}

std::string drawn(const StudyResult& study, const FigureSpec& spec) { return Drawn(study, spec, "pdf").text(); }

bool says(const std::string& script, const std::string& text) { return script.find(quote(text)) != std::string::npos; }

StudyResult with_lm_and(const std::vector<std::string>& methods, std::int64_t seeds) {
  StudyResult study;
  study.name = "s";
  for (std::size_t i = 0; i < methods.size(); ++i) {
    for (std::int64_t seed = 0; seed < seeds; ++seed) {
      study.cells.push_back(full_cell(methods[i], seed, 0.7 * static_cast<double>(i)));
    }
  }
  return study;
}

/// CIE Lab, for the distance that an eye sees.
std::array<double, 3> lab(const std::string& colour) {
  std::array<double, 3> rgb{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    rgb[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16 / 116.0; };
  const double x = f((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.95047);
  const double y = f(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
  const double z = f((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double distance(const std::string& a, const std::string& b) {
  const auto p = lab(a), q = lab(b);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
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

TEST_CASE("title: none draws no title, limits are those of the axes") {
  const StudyResult study = full_study(2);
  FigureSpec spec = spec_for("curve");
  spec.split = "valid";
  CHECK(says(drawn(study, spec), "KL divergence by epoch, valid"));
  spec.title = "none";
  spec.x_limits = {2, 6};
  spec.y_limits = {0, 25};
  const std::string script = drawn(study, spec);
  CHECK_FALSE(says(script, "KL divergence by epoch, valid"));
  CHECK_THAT(script, ContainsSubstring("set xrange [2:6]") && ContainsSubstring("set yrange [0:25]"));
  spec.log_y = true;
  CHECK_THAT(usage_error([&] { check_figure(study, spec); }), ContainsSubstring("limits above 0"));
}

TEST_CASE("methods, options, values and metrics are displayed by their names, mathematics as the paper prints it") {
  FigureSpec spec = spec_for("sweep");
  CHECK(says(drawn(full_study(2), spec), "τ"));
  spec = spec_for("bars");
  CHECK(says(drawn(full_study(2), spec), "sym_bn_vae (τ=.1)"));
  spec.names = {{"sym_bn_vae", "SymBN"}, {"bn_vae", "BN-VAE"}, {"sym_bn_vae tau=.3", "ours"}, {"kl", "rate"}};
  const std::string script = drawn(full_study(2), spec);
  for (const char* text : {"SymBN (τ=.1)", "BN-VAE", "ours", "rate (nats per example)"}) CHECK(says(script, text));
  CHECK_FALSE(says(script, "SymBN (τ=.3)"));
  CHECK(says(drawn(full_study(2), spec_for("moments")), "E[μ²] + E[σ²] of each dimension"));
  spec.names = {{"bn_vea", "BN"}};
  StudyResult whole = full_study(2);
  check_figure(whole, spec);  // of a missing cell, maybe
  whole.missing.clear();
  CHECK_THAT(usage_error([&] { check_figure(whole, spec); }),
             ContainsSubstring("'bn_vea' of 'names' is no method, option, value, metric or row of the study"));
}

TEST_CASE("rows of one remedy that differ in model and options can be read") {
  StudyResult study;
  for (const char* decoder : {"lstm", "dilated_cnn"}) {
    for (const double eps : {1e-5, 2e-8}) {
      study.cells.push_back(make_cell("bn_vae+kl_annealing", 0, {{"kl", 1}}));
      study.cells.back().config["model.decoder.name"] = std::string(decoder);
      study.cells.back().config["regularizer.bn_vae.eps"] = eps;
      if (decoder[0] == 'd') study.cells.back().config["model.decoder.layers"] = std::int64_t{3};
    }
  }
  FigureSpec spec = make_spec("bars", {"kl"});
  spec.names = {{"bn_vae", "BN-VAE"}, {"kl_annealing", "annealing"}, {"dilated_cnn", "dilated CNN"}};
  const std::string script = drawn(study, spec);
  CHECK(says(script, "BN-VAE + annealing (lstm, ε=10⁻⁵)"));
  CHECK(says(script, "BN-VAE + annealing (dilated CNN, ε=2·10⁻⁸)"));
}

TEST_CASE("`only` selects variants by option") {
  const StudyResult study = full_study(2);
  FigureSpec spec = spec_for("bars");
  spec.only = {"vae", "sym_bn_vae tau=.3", "sym_bn_vae regularizer.sym_bn_vae.tau=0.7"};
  std::set<std::string> labels;
  for (const auto& group : group_cells(study, spec.only)) labels.insert(group.label);
  CHECK(labels == std::set<std::string>{"vae", "sym_bn_vae tau=.3", "sym_bn_vae tau=.7"});
  CHECK(group_cells(study, {"sym_bn_vae tau=.7"})[0].style.colour == group_cells(study, {}).back().style.colour);
  spec.only = {"sym_bn_vae tau=.4"};
  CHECK_THAT(usage_error([&] { check_figure(study, spec); }),
             ContainsSubstring("unknown row 'sym_bn_vae tau=.4'") && ContainsSubstring("sym_bn_vae tau=.5"));
}

TEST_CASE("no two remedies look alike, alone or composed") {
  std::vector<std::string> methods = {"lstm_lm", "free_bits+kl_annealing", "frozen_encoder+bn_vae",
                                      "bn_vae+kl_annealing"};
  const auto folder = std::filesystem::path(KLBENCH_SOURCE_DIR) / "src/regularizers/builtin";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".cpp") methods.push_back(file.path().stem());
  }
  REQUIRE(methods.size() > 30);
  const auto styles = method_styles(methods);
  for (const auto& a : methods) {
    for (const auto& b : methods) {
      INFO(a << " " << styles.at(a).colour << ", " << b << " " << styles.at(b).colour);
      if (a < b) CHECK(distance(styles.at(a).colour, styles.at(b).colour) > 15);
    }
  }
}

TEST_CASE("variants keep the hue of their remedy, the first the strongest, each with a marker of its own") {
  const Style bn = method_styles({"bn_vae"}).at("bn_vae");
  std::set<int> points;
  double before = -1;
  for (std::size_t i = 0; i < 4; ++i) {
    const Style style = variant(bn, i, 4);
    CHECK(lab(style.colour)[0] > before);
    before = lab(style.colour)[0];
    points.insert(style.point);
  }
  CHECK(variant(bn, 0, 4).colour == bn.colour);
  CHECK(points.size() == 4);
  CHECK(before < 80);  // still seen on white
}

TEST_CASE("curves of more than eight methods stand in panels of their own") {
  const std::vector<std::string> methods = {"vae",    "bn_vae",   "free_bits", "kl_annealing", "geco",
                                            "du_vae", "beta_vae", "ln_vae",    "info_vae"};
  const auto panels = [&](std::size_t count) {
    const std::string script = drawn(
        with_lm_and({methods.begin(), methods.begin() + static_cast<std::ptrdiff_t>(count)}, 2), spec_for("curve"));
    std::size_t plots = 0;
    for (std::size_t at = script.find("\nplot $"); at != std::string::npos; at = script.find("\nplot $", at + 1))
      ++plots;
    CHECK(says(script, "the other methods") == (count > 8));
    return plots;
  };
  CHECK(panels(8) == 1);
  CHECK(panels(9) == 9);
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

TEST_CASE("a PDF has the same bytes every time, its fonts embedded as outlines, and no time") {
  const TemporaryFolder a, b;
  const FigureSpec spec = spec_for("curve");
  draw_figure(full_study(1), spec, {a.path(), {"pdf"}});
  draw_figure(full_study(1), spec, {b.path(), {"pdf"}});
  const std::string pdf = read_file(a.path() / "curve.pdf");
  CHECK(pdf == read_file(b.path() / "curve.pdf"));
  CHECK(pdf.find("/Type3") == std::string::npos);
  CHECK(with_fixed_date("x/CreationDate (D:20261127233520Z)y") == "x/CreationDate (D:19700101000000Z)y");
  CHECK(with_fixed_date("/CreationDate (D:20261127233520+01'00)") == "/CreationDate (D:19700101000000+00'00)");
  ::setenv("SOURCE_DATE_EPOCH", "86400", 1);
  CHECK(with_fixed_date("/CreationDate (D:20261127233520Z)") == "/CreationDate (D:19700102000000Z)");
  ::unsetenv("SOURCE_DATE_EPOCH");
  CHECK(with_fixed_date("none") == "none");
}

TEST_CASE("a PDF has the same bytes where a compressed stream hides its date") {  // as Cairo 1.18 makes it
  const TemporaryFolder folder;
  draw_figure(full_study(1), spec_for("curve"), {folder.path(), {"pdf"}});
  const auto hidden = [&](const std::string& date, const std::string& name) {
    std::string pdf = read_file(folder.path() / "curve.pdf");
    pdf.replace(pdf.find("(D:") + 3, date.size(), date);
    write_file_durably(folder.path() / "dated.pdf", pdf);
    const std::string path = (folder.path() / name).string();
    run_process({"qpdf", "--object-streams=generate", "--static-id", folder.path() / "dated.pdf", path});
    CHECK(read_file(path).find("CreationDate") == std::string::npos);
    return path;
  };
  const std::string a = hidden("20261127233520", "a.pdf"), b = hidden("19991231235959", "b.pdf");
  CHECK(read_file(a) != read_file(b));
  CHECK(read_with_fixed_date(a) == read_with_fixed_date(b));
  CHECK(read_with_fixed_date(a).find("(D:19700101000000Z)") != std::string::npos);
}

TEST_CASE("a PNG has the pixels an inch that it says") {
  const TemporaryFolder folder;
  FigureSpec spec = spec_for("curve");
  spec.dpi = 300;
  spec.width = 2.5;
  draw_figure(full_study(1), spec, {folder.path(), {"png"}});
  const std::string png = read_file(folder.path() / "curve.png");
  const auto big_endian = [&](std::size_t at) {
    unsigned value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(png.at(at + i));
    return value;
  };
  CHECK(big_endian(16) == 750);
  REQUIRE(png.substr(37, 4) == "pHYs");
  CHECK(big_endian(41) == 11811);  // 300 / 0.0254 a metre
  CHECK(big_endian(50) == crc32(0, reinterpret_cast<const Bytef*>(png.data()) + 37, 13));
}

TEST_CASE("a character that no font has is warned of") {
  CHECK(missing_glyphs("τ γ μ² E[σ²] plain").empty());
  CHECK(missing_glyphs("a \xF3\xBF\xBF\xBD z") == std::vector<std::string>{"\xF3\xBF\xBF\xBD"});  // private use
  const TemporaryFolder folder;
  FigureSpec spec = spec_for("curve");
  spec.title = "a \xF3\xBF\xBF\xBD";
  CHECK(draw_figure(full_study(1), spec, {folder.path(), {"svg"}}).warnings ==
        std::vector<std::string>{"no font has \xF3\xBF\xBF\xBD"});
}

TEST_CASE("notes may stand in a file beside the figure") {
  const TemporaryFolder folder;
  FigureSpec spec = spec_for("curve");
  spec.notes = "file";
  const auto files = draw_figure(full_study(2), spec, {folder.path(), {"svg"}}).files;
  CHECK(files.size() == 3);
  CHECK_THAT(read_file(folder.path() / "curve.txt"), ContainsSubstring("diverged, left out: free_bits (1 of 3)"));
  CHECK_THAT(read_file(folder.path() / "curve.svg"), !ContainsSubstring("diverged"));
}

// How figures look: titles, names, limits, and the bytes of what is written.

#include <zlib.h>

#include <algorithm>
#include <regex>
#include <set>

#include "config/figures.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "plotting/drawn_texts.h"
#include "plotting/glyphs.h"
#include "plotting/group.h"
#include "plotting/picture_bytes.h"
#include "plotting/plot.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

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

TEST_CASE("a row's name leaves out what the names of its components tell") {
  StudyResult study;
  for (const char* data : {"wordnet", "fashion_mnist"}) {
    for (const std::int64_t units : {16, 64}) {
      const bool text = data[0] == 'w';
      auto& config = study.cells.emplace_back(make_cell("vae", 0)).config;
      config["data.name"] = std::string(data);
      config["data.path"] = std::string(text ? "/usr/share/wordnet" : "/usr/share/datasets");
      config["model.encoder.name"] = std::string(text ? "lstm" : "mlp");
      config["model.encoder.hidden_dim"] = std::int64_t{text ? 64 : 256};
      config["model.decoder.name"] = std::string(text ? "lstm" : units == 16 ? "mlp" : "pixelcnn");
      config["model.decoder.hidden_dim"] = units;
      config["trainer.lr"] = text ? 0.1 : 0.2;  // of no component: it could be set apart
    }
  }
  std::vector<std::string> rows;
  for (const auto& group : group_cells(study, {})) rows.push_back(group.row);
  CHECK(rows == std::vector<std::string>{"vae data.name=wordnet hidden_dim=16 decoder.name=lstm lr=.1",
                                         "vae data.name=wordnet hidden_dim=64 decoder.name=lstm lr=.1",
                                         "vae data.name=fashion_mnist hidden_dim=16 decoder.name=mlp lr=.2",
                                         "vae data.name=fashion_mnist hidden_dim=64 decoder.name=pixelcnn lr=.2"});
}

TEST_CASE("`only` selects variants by option") {
  StudyResult study = full_study(2);
  study.missing.clear();
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

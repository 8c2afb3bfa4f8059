#include "plotting/page/page.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "plotting/comparison.h"
#include "plotting/fixture.h"
#include "plotting/page/encode.h"
#include "plotting/png.h"
#include "plotting/rows.h"
#include "plotting/table.h"
#include "storage/cell_file.h"

using namespace klbench;
using namespace klbench::testing;
using nlohmann::json;

namespace {

/// The study with values by example, by which rows are paired.
StudyResult study_with_examples(StudyResult study, int examples) {
  for (auto& cell : study.cells) {
    if (cell.status != CellStatus::done) continue;
    cell.facts["test_sentences"] = std::string("the same");
    auto& nll = cell.final["test"]["nll"];
    for (int i = 0; i < examples; ++i) {
      nll.examples.push_back(static_cast<float>(nll.values[0] + 5 * wobble(i) + 0.3 * wobble(i, nll.values[0])));
    }
  }
  return study;
}

json data_of(const StudyResult& study, const PageExtras& extras = {}) { return json::parse(page_data(study, extras)); }

/// The numbers of `packed`, by an independent way: base64 digits one by one, floats by memcpy.
std::vector<double> unpacked(const std::string& text) {
  static const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<double> numbers;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::size_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) bits = bits * 64 + kDigits.find(text[i + k]);
    const unsigned char bytes[4] = {0, static_cast<unsigned char>(bits / 65536 % 256),
                                    static_cast<unsigned char>(bits / 256 % 256),
                                    static_cast<unsigned char>(bits % 256)};
    float number = 0;
    std::memcpy(&number, bytes, sizeof number);
    numbers.push_back(static_cast<double>(number));
  }
  return numbers;
}

std::size_t column_of(const json& data, const std::string& metric) {
  for (std::size_t m = 0; m < data["table"]["columns"].size(); ++m) {
    if (data["table"]["columns"][m]["name"] == metric) return m;
  }
  FAIL("no column " << metric);
  return 0;
}

std::size_t row_of(const json& data, const std::string& label) {
  for (std::size_t i = 0; i < data["rows"].size(); ++i) {
    if (data["rows"][i]["label"] == label) return i;
  }
  FAIL("no row " << label);
  return 0;
}

}  // namespace

TEST_CASE("base64, three-byte numbers, HTML") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  const std::vector<double> numbers = {0, 1, -47.6543, 1e-20, 3e30, NAN, -INFINITY};
  const auto back = unpacked(packed(numbers));
  REQUIRE(back.size() == numbers.size());
  for (std::size_t i = 0; i < 5; ++i) CHECK(std::abs(back[i] - numbers[i]) <= std::ldexp(std::abs(numbers[i]), -16));
  CHECK(std::isnan(back[5]));
  CHECK(back[6] == -INFINITY);
  CHECK(html_escaped("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;");
  CHECK(png(2, 1, 1, std::string("\x00\xff", 2)).substr(1, 3) == "PNG");
}

TEST_CASE("the page's table has the numbers of the table, and those of compare for every baseline") {
  const StudyResult study = study_with_examples(full_study(3), 40);
  const json data = data_of(study);
  const auto groups = group_cells(study, {});
  const std::size_t nll = column_of(data, "nll"), kl = column_of(data, "kl");
  for (const std::string baseline : {"vae", "bn_vae", "sym_bn_vae tau=.7"}) {
    StudyResult declared = study;
    set_baseline(declared, baseline);
    const Table table = make_table(declared, groups, {"nll", "kl"}, "test", "");
    const auto& found = *std::find_if(data["table"]["baselines"].begin(), data["table"]["baselines"].end(),
                                      [&](const json& each) { return each["row"] == row_of(data, baseline); });
    std::size_t compared = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (const auto& [m, column] : {std::pair(std::size_t{0}, nll), std::pair(std::size_t{1}, kl)}) {
        const TableEntry& entry = table.rows[i].entries[m];
        const json& shown = data["table"]["entries"][i][column];
        CHECK(shown.is_null() == (entry.summary.n == 0));
        if (entry.summary.n == 0) continue;
        CHECK(shown["mean"].get<double>() == Approx(entry.summary.mean).epsilon(1e-5));
        CHECK(shown["sd"].get<double>() == Approx(entry.summary.sd).epsilon(1e-5));
        CHECK(shown.value("best", false) == entry.bold);
        CHECK(shown.value("near", false) == entry.near_best);
        const json& difference = found["differences"][i][column];
        REQUIRE(difference.is_null() == !entry.to_baseline);
        if (!entry.to_baseline) continue;
        ++compared;
        CHECK(difference[0].get<double>() == Approx(entry.to_baseline->mean).epsilon(1e-5));
        CHECK(difference[1].get<double>() == Approx(entry.to_baseline->interval.low).epsilon(1e-5));
        CHECK(difference[2].get<double>() == Approx(entry.to_baseline->interval.high).epsilon(1e-5));
        CHECK(difference[3].get<double>() == Approx(entry.to_baseline->p_value).epsilon(1e-5));
      }
    }
    CHECK(compared >= 17);
    CHECK(found["notes"].dump().find("than the baseline") == std::string::npos);
    CHECK(found["notes"].dump().find("from the baseline " + baseline) != std::string::npos);
  }
  CompareRequest request;
  request.a = "bn_vae";
  request.b = "vae";
  request.metrics = {"nll"};
  const Comparison compared = compare_rows(study, request).metrics.at(0);
  const json& vae = data["table"]["baselines"][0];  // the declared baseline comes first
  REQUIRE(vae["row"] == row_of(data, "vae"));
  const json& difference = vae["differences"][row_of(data, "bn_vae")][nll];
  CHECK(compared.pairing.examples == 40);
  CHECK(difference[0].get<double>() == Approx(compared.pairing.difference->mean()).epsilon(1e-5));
  CHECK(difference[1].get<double>() == Approx(compared.pairing.difference->interval().low).epsilon(1e-5));
}

TEST_CASE("the page's cells, curves, dimensions, latents and pictures are those of the results") {
  StudyResult study = full_study(2);
  study.cells[2].final["test"]["latent_points"].attributes["label_names"] = std::string("noun\nverb\nadj\n</script>\n");
  PageExtras extras;
  extras.samples["vae-0"] = "# reconstructions: x\na b\n  a c\n\n# samples from the prior, temperature 1\nd e\n";
  const json data = data_of(study, extras);
  REQUIRE(data["cells"]["ids"].size() == study.cells.size());
  const std::size_t cell = 2;  // vae, seed 0
  REQUIRE(data["cells"]["ids"][cell] == "vae-0");
  CHECK(data["cells"]["finals"]["test"]["kl"][cell].get<double>() ==
        Approx(study.cells[cell].final.at("test").at("kl").values[0]).epsilon(1e-5));
  const auto curve = unpacked(data["curves"]["splits"]["valid"]["kl"]);
  REQUIRE(data["curves"]["epochs"].size() == 12);
  REQUIRE(curve.size() == 12 * study.cells.size());
  CHECK(curve[12 * cell + 4] == Approx(study.cells[cell].epochs[4].metrics.at("valid").at("kl")).epsilon(1e-4));
  CHECK(std::isnan(curve.back()));  // of the diverged cell, which has no epochs
  const json& dims = data["dimensions"]["kl_dim"];
  const auto by_epoch = unpacked(dims["by_epoch"]), last = unpacked(dims["last"]);
  CHECK(last[8 * cell + 3] == Approx(study.cells[cell].final.at("test").at("kl_dim").values[3]).epsilon(1e-4));
  CHECK(by_epoch[(12 * cell + 4) * 8 + 3] ==
        Approx(study.cells[cell].epochs[4].diagnostics.at("valid.kl_dim")[3]).epsilon(1e-4));
  const json& latent = data["latents"]["cells"][0];
  CHECK(latent["cell"] == cell);
  CHECK(data["latents"]["names"][latent["names"].get<std::size_t>()][3] == "</script>");
  CHECK(unpacked(latent["x"])[1] ==
        Approx(study.cells[cell].final.at("test").at("latent_points").values[3]).epsilon(1e-4));
  CHECK(data["pictures"].size() == study.cells.size() - 1);
  CHECK(data["texts"][0]["reconstructions"] == json({"a b", "a c"}));
  CHECK(data["texts"][0]["samples"] == json({"d e"}));
  CHECK(data["limits"].empty());
}

TEST_CASE("text of users stays text: in the title, in the data, wherever it comes from") {
  const std::string hostile = "</script><script>alert(1)</script><!--";
  StudyResult study = full_study(1);
  study.name = hostile;
  study.study_yaml = "# " + hostile + "\n# Second line?\nstudy: x\n";
  study.cells[1].method = hostile;
  study.cells[1].config["data.path"] = hostile;
  study.provenance["0123"] = json({{"state", "failed"}, {"reason", hostile}, {"log", {hostile, "\xff"}}})
                                 .dump(-1, ' ', false, json::error_handler_t::replace);
  PageExtras extras;
  extras.source = extras.labels["0123"] = hostile;
  const std::string page = results_page(study, extras, "/* d3 */");
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find("<title>&lt;/script&gt;") != std::string::npos);
  std::size_t ends = 0;
  for (std::size_t at = page.find("</script>"); at != std::string::npos; at = page.find("</script>", at + 1)) ++ends;
  CHECK(ends == 3);  // data, d3, ours
  const json data = data_of(study, extras);
  CHECK(data["study"]["question"] == hostile + " Second line?");
  CHECK(data["study"]["failures"].back()["reason"] == hostile);
  CHECK(data["study"]["failures"].back()["log"][0] == hostile);
  CHECK(data["study"]["failures"].back()["label"] == hostile);
}

TEST_CASE("a study of which no cell is finished has a page") {
  StudyResult study;
  study.name = "none";
  study.missing = {"0123"};
  const json data = data_of(study);
  CHECK(data["study"]["failures"][0]["state"] == "missing");
  CHECK(data["table"]["columns"].empty());
  study.cells = {make_cell("vae", 0)};
  study.cells[0].status = CellStatus::diverged;
  PageExtras extras;
  extras.logs["vae-0"] = {"the end"};
  CHECK(data_of(study, extras)["study"]["failures"][0]["log"] == json({"the end"}));
  CHECK(data_of(study)["study"]["failures"][0]["label"] == "vae seed=0");
}

TEST_CASE("the page of many cells and epochs stays small, and says what is left out") {
  StudyResult study = full_study(9);  // 91 cells
  for (auto& cell : study.cells) {
    const auto epochs = cell.epochs;
    for (int k = 1; k < 10 && !epochs.empty(); ++k) {
      for (auto record : epochs) {
        record.epoch += 12 * k;
        for (int m = 0; m < 30; ++m) record.metrics["valid"]["metric_" + std::to_string(m)] = m;
        cell.epochs.push_back(std::move(record));
      }
    }
  }
  const std::string page = results_page(study, {}, std::string(260000, ' '));
  CHECK(page.size() < 3000000);
  CHECK(data_of(study)["limits"].dump().find("Curves show ") != std::string::npos);
}

// For tests/browser/report_test.py, which names the file.
TEST_CASE("writes the study of the browser test", "[.]") {
  const char* path = std::getenv("KLBENCH_PAGE_STUDY");
  REQUIRE(path != nullptr);
  StudyResult study = study_with_examples(full_study(3), 40);
  study.study_yaml =
      "# Why </script><script>window.hostile = 1</script>?\n# <img src=x onerror='window.hostile = 2'>\n";
  study.provenance["0123"] =
      json({{"state", "failed"}, {"reason", "exited with code 7"}, {"log", {"the last line of its log"}}}).dump();
  std::map<std::string, int> seen;  // ids of which several cells have the same
  for (auto& cell : study.cells) {
    if (const int earlier = seen[cell.id]++; earlier > 0) cell.id += "-" + std::to_string(earlier);
    if (cell.method == "vae") {  // a mean just below 0
      cell.final["test"]["swap_gap"].values = {-0.00002 + 0.0005 * static_cast<double>(cell_seed(cell) - 1)};
    }
    if (cell.id == "bn_vae-1") cell.tags = {"first", "headline"};
    if (final_metric(cell, "test", "latent_points")) {  // twelve labels, more than have a colour
      auto& values = cell.final["test"]["latent_points"].values;
      for (std::size_t i = 0; 3 * i < values.size(); ++i) values[3 * i + 2] = static_cast<double>(i % 12);
    }
    if (option_number(cell, "regularizer.sym_bn_vae.tau") == 0.7) cell.facts["floor_r"] = 0.5;
  }
  write_study(path, study);
}

// To measure: KLBENCH_PAGE_METHODS methods with three seeds and 1,000 test examples.
TEST_CASE("writes a study of many methods", "[.]") {
  const char* path = std::getenv("KLBENCH_PAGE_STUDY");
  const char* methods = std::getenv("KLBENCH_PAGE_METHODS");
  REQUIRE((path != nullptr && methods != nullptr));
  StudyResult study;
  study.name = "many";
  for (int method = 0; method < std::atoi(methods); ++method) {
    for (std::int64_t seed = 0; seed < 3; ++seed) {
      study.cells.push_back(full_cell("method_" + std::to_string(method), seed, 0.3 * method));
    }
  }
  write_study(path, study_with_examples(std::move(study), 1000));
}

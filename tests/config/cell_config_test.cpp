#include "config/cell_config.h"

#include "catch.h"
#include "study_fixture.h"

using namespace klbench;

namespace {

CellConfig small_cell() {
  const ComponentSpec bn{.key = "bn_vae", .options = {{.name = "gamma", .default_value = 0.6, .help = ""}}};
  const ComponentSpec vae{.key = "vae"};
  CellConfig cell;
  cell.values = {{"seed", std::int64_t{3}},
                 {"model.latent_dim", std::int64_t{32}},
                 {"data.name", std::string("wordnet")},
                 {"data.path", std::string("a \"b\"\n#")},
                 {"data.limit", std::int64_t{10}},
                 {"trainer.lr", 1.0},
                 {"keep.model", true}};
  cell.regularizer = {{"vae", Options(vae, {})}, {"bn_vae", Options(bn, {})}};
  return cell;
}

}  // namespace

TEST_CASE("The canonical text has sorted keys and one spelling a value") {
  CHECK(small_cell().canonical() == R"(data.limit: 10
data.name: "wordnet"
data.path: "a \"b\"\n#"
keep.model: true
model.latent_dim: 32
regularizer:
  - name: "vae"
  - name: "bn_vae"
    gamma: 0.6
seed: 3
trainer.lr: 1.0
)");
}

TEST_CASE("Values are read by type; a section comes without prefix and without the component's name") {
  const CellConfig cell = small_cell();
  CHECK(cell.integer("seed") == 3);
  CHECK(cell.real("trainer.lr") == 1.0);
  CHECK(cell.boolean("keep.model"));
  CHECK(cell.text("data.name") == "wordnet");
  CHECK(cell.section("data") ==
        std::map<std::string, Value>{{"limit", std::int64_t{10}}, {"path", std::string("a \"b\"\n#")}});
  CHECK_THROWS_WITH(cell.integer("trainer.lr"), ContainsSubstring("another type"));
}

TEST_CASE("Flat options contain those of the parts, and the method joins their keys") {
  const CellConfig cell = small_cell();
  CHECK(cell.flat().at("regularizer.bn_vae.gamma") == Value(0.6));
  CHECK(cell.flat().size() == cell.values.size() + 1);
  CHECK(cell.method() == "vae+bn_vae");
}

TEST_CASE("What is kept, and how often a checkpoint is saved, is no part of a result") {
  CellConfig cell = small_cell();
  cell.values["trainer.checkpoint_every_steps"] = std::int64_t{5};
  cell.values["keep.samples"] = std::int64_t{3};
  CellConfig same = small_cell();
  same.values.erase("keep.model");
  CHECK(cell.of_result().canonical() == same.canonical());
}

TEST_CASE_METHOD(StudyFixture, "Every cell of a grid parses back from its canonical text to the same text") {
  const auto all = cells(R"(
trainer.lr: 0.30000000000000004
trainer.clip: 1e-300
data: {name: wordnet, path: "/a b/\"c\"\\\t\u00e9\x07: #'"}
sweep:
  - {regularizer: [vae, {name: sym_bn_vae, tau: [0, 0.1, 0.3333333333333333]}, [bn_vae, kl_annealing]], seed: [0, 1]}
  - {model.latent_dim: 0}
)");
  REQUIRE(all.size() == 11);
  for (const auto& cell : all) {
    const CellConfig back = parse_cell(cell.canonical(), "cell.yaml", schema());
    CHECK(back.canonical() == cell.canonical());
    CHECK(back.values == cell.values);
    CHECK(back.method() == cell.method());
  }
}

TEST_CASE_METHOD(StudyFixture, "Relative paths of data are taken as they are when a cell is parsed back") {
  auto cell = cells("data.name: wordnet").at(0);
  cell.values["data.path"] = std::string("here/wn");
  CHECK(parse_cell(cell.canonical(), "/other/folder/cell.yaml", schema()).text("data.path") == "here/wn");
}

TEST_CASE_METHOD(StudyFixture, "Parsing a cell refuses what a study would") {
  const auto refusal = [&](const std::string& text) {
    return usage_error([&] { parse_cell(text, "cell.yaml", schema()); });
  };
  CHECK(refusal("seed: -1\n") == "cell.yaml:1:7: option 'seed' wants an integer >= 0, got -1");
  CHECK_THAT(refusal("sede: 1\n"), ContainsSubstring("cell.yaml:1:1: unknown option 'sede'"));
  CHECK_THAT(refusal("regularizer:\n  - bn_vae\n  - ln_vae\n"), ContainsSubstring("cell.yaml:2:3: "));
  CHECK_THAT(refusal("regularizer: []\n"), ContainsSubstring("a VAE needs a regularizer"));
  CHECK_THAT(refusal("- 1\n"), ContainsSubstring("cell.yaml:1:1: the configuration of a cell is a map"));
}

TEST_CASE("Varying options are those with several values among the cells that have them, without the seed") {
  using Flat = std::map<std::string, Value>;
  const std::vector<Flat> cells = {{{"seed", std::int64_t{0}}, {"a", 1.0}, {"b", 1.0}},
                                   {{"seed", std::int64_t{1}}, {"a", 1.0}, {"b", 2.0}, {"only_here", 1.0}}};
  CHECK(varying_options(cells) == std::vector<std::string>{"b"});
  CHECK(varying_options({}).empty());
}

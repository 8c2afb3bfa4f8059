#include "training/make_kept.h"

#include "catch.h"
#include "cells.h"
#include "core/error.h"
#include "core/files.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::test;

TEST_CASE(
    "Files made from the weights of a finished cell are those that its training leaves, and its result is the same") {
  const FolderWithCache scratch;
  const std::string remedy = GENERATE(as<std::string>(), "bn_vae", "word_dropout", "delta_vae");
  const std::map<std::string, Value> one_epoch{{"trainer.epochs", std::int64_t{1}}};
  auto all = one_epoch;
  all.insert({{"keep.model", true}, {"keep.latents", true}, {"keep.samples", std::int64_t{4}}});
  auto only_model = one_epoch;
  only_model["keep.model"] = true;
  const auto result = train(small_cell({{remedy, {}}}, all), scratch / "all", "k");
  CHECK(train(small_cell({{remedy, {}}}, one_epoch), scratch / "none", "k") == result);
  CHECK(train(small_cell({{remedy, {}}}, only_model), scratch / "model", "k") == result);
  make_kept_files(small_cell({{remedy, {}}}, all), CellFiles(scratch / "model", "k"));
  for (const char* file : {"k.model", "k.latent.h5", "k.samples.txt"}) {
    INFO(remedy << " " << file);
    CHECK((read_file(scratch / "model" / file) == read_file(scratch / "all" / file)));
  }
  CHECK_FALSE(std::filesystem::exists(scratch / "none" / "k.model"));
}

TEST_CASE("Weights that are no weights are refused by name") {
  const FolderWithCache scratch;
  write_file_durably(scratch / "k.model", "not weights");
  CHECK_THROWS_WITH(make_kept_files(small_cell({{"vae", {}}}, {{"keep.latents", true}}), CellFiles(scratch / "", "k")),
                    ContainsSubstring("k.model"));
}

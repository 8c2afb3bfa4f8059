#include "config/kept_files.h"

#include "catch.h"
#include "study_fixture.h"

using namespace klbench;

TEST_CASE_METHOD(StudyFixture, "What a cell keeps is what keep.* says; a language model has no latents") {
  const std::string keep = "keep: {model: true, latents: true, samples: 3}\n";
  const KeptFiles vae = kept_files(cells(keep).at(0));
  CHECK(vae.model);
  CHECK(vae.latents);
  CHECK(vae.samples == 3);
  const KeptFiles lm = kept_files(cells(keep + "model.latent_dim: 0\n").at(0));
  CHECK(lm.model);
  CHECK_FALSE(lm.latents);
  CHECK(lm.samples == 0);
  CHECK_FALSE(any(kept_files(cells("").at(0))));
}

TEST_CASE("Kept files are missing where they are not there or hold another number of samples") {
  const TemporaryFolder folder;
  const CellFiles files(folder.path(), "aaaa");
  CHECK_FALSE(any(missing_kept_files({}, files)));
  CHECK(missing_kept_files({true, true, 2}, files).model);
  folder.write("aaaa.model", "");
  folder.write(
      "aaaa.samples.txt",
      "# reconstructions: ...\na\n  b\n\n# samples from the prior, temperature 1\n\nx y\n\n# interpolations ...\na\n");
  const KeptFiles missing = missing_kept_files({true, true, 2}, files);
  CHECK_FALSE(missing.model);
  CHECK(missing.latents);
  CHECK(missing.samples == 0);  // an empty sentence and "x y"
  CHECK(missing_kept_files({true, true, 3}, files).samples == 3);
}

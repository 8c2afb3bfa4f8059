#include "core/error.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("A place prints as file:line:column without what is unknown") {
  CHECK(Place{"a.yaml", 3, 7}.str() == "a.yaml:3:7");
  CHECK(Place{"a.yaml", 3, 0}.str() == "a.yaml:3");
  CHECK(Place{"a.yaml", 0, 0}.str() == "a.yaml");
}

TEST_CASE("Usage errors exit with 2 and begin with the place, other errors with 1") {
  const UsageError usage({"a.yaml", 3, 7}, "wrong");
  CHECK(usage.exit_code() == 2);
  CHECK(std::string(usage.what()) == "a.yaml:3:7: wrong");
  CHECK(Error("broken").exit_code() == 1);
}

TEST_CASE("The nearest name has the smallest edit distance") {
  const std::vector<std::string> names = {"epochs", "batch_size", "lr"};
  CHECK(nearest_name("epcohs", names) == "epochs");
  CHECK(nearest_name("batchsize", names) == "batch_size");
  CHECK(nearest_name("epochs", names) == "epochs");
}

TEST_CASE("A name further away than half its length has no nearest one") {
  CHECK(nearest_name("momentum", {"lr", "epochs"}).empty());
  CHECK(nearest_name("ab", {"cd"}).empty());
  CHECK(nearest_name("ab", {"ac"}) == "ac");
  CHECK(nearest_name("x", {}).empty());
}

TEST_CASE("An unknown name is reported with the nearest and all valid ones") {
  CHECK(unknown_name("option", "taw", {"tau", "eps"}) == "unknown option 'taw' (did you mean 'tau'?); valid: tau, eps");
  CHECK(unknown_name("option", "zzzzzz", {"tau", "eps"}) == "unknown option 'zzzzzz'; valid: tau, eps");
}

TEST_CASE("Capitals and dashes are no distance") {
  CHECK(nearest_name("BN-VAE", {"vae", "bn_vae"}) == "bn_vae");
  CHECK(nearest_name("SGD", {"adam", "sgd"}) == "sgd");
}

TEST_CASE("Of a long list only the nearest names are shown where one is near, and all where none is") {
  const std::vector<std::string> names = {"a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2", "e1", "epochs", "epoch_size"};
  CHECK(unknown_name("option", "epoch", names) ==
        "unknown option 'epoch' (did you mean 'epochs'?); valid: epochs, c1, c2, e1, a1 and 6 more");
  CHECK(unknown_name("option", "xyzxyz", names) ==
        "unknown option 'xyzxyz'; valid: a1, a2, b1, b2, c1, c2, d1, d2, e1, epochs, epoch_size");
}

TEST_CASE("Of a very long list few names are shown where none is near, those with the text in them first") {
  std::vector<std::string> names = {"sym_bn_vae_with_a_tail", "bn_vae_schedule_of_all"};
  for (int i = 0; i < 40; ++i) names.push_back("abcdefghijklmnop" + std::to_string(i));
  CHECK_THAT(unknown_name("name", "bn", names),
             ContainsSubstring("unknown name 'bn'; valid: sym_bn_vae_with_a_tail, bn_vae_schedule_of_all, abc") &&
                 ContainsSubstring(" and 37 more"));
}

TEST_CASE("Names that may be meant need not be valid ones") {
  CHECK(unknown_name("key", "lr", {"seed"}, {"trainer.lr", "x.lr"}) ==
        "unknown key 'lr' (did you mean 'trainer.lr' or 'x.lr'?); valid: seed");
}

TEST_CASE("Hostile text stays on one line") {
  CHECK(one_line("a\nb\tc\x1b[31m\x7f") == "a\\nb\\tc\\x1b[31m\\x7f");
  CHECK(one_line("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
}

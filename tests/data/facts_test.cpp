#include "data/facts.h"

#include "catch.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

using Facts = std::map<std::string, std::int64_t>;

TextCorpus small_corpus() {
  TextCorpus corpus;
  corpus.words = {"<pad>", "<s>", "</s>", "<unk>", "a", "b"};
  corpus.label_names = {"neg", "pos", "mid"};
  corpus.train = {{4, 5, 4, 5}, {0, 2, 3, 4}, {0, 1, 0}};          // "a b", "a", "b"
  corpus.valid = {{4, 5, 5, 5}, {0, 1, 4}, {0, 1}};                // "a", "b b b"
  corpus.test = {{4, 5, 5, 5, 5, 4, 5}, {0, 2, 5, 7}, {1, 0, 1}};  // "a b", "b b b", "a b"
  return corpus;
}

}  // namespace

TEST_CASE("sentences that splits share are counted, as often as they occur") {
  CHECK(facts_of(small_corpus()) == Facts{{"vocabulary", 6},
                                          {"train_examples", 3},
                                          {"valid_examples", 2},
                                          {"test_examples", 3},
                                          {"valid_in_train", 1},
                                          {"test_in_train", 2},
                                          {"test_in_valid", 1},
                                          {"train_classes", 2},
                                          {"valid_unseen_labels", 0},
                                          {"test_unseen_labels", 0}});
  TextCorpus unknown = small_corpus();
  for (Sentences* split : {&unknown.train, &unknown.valid}) split->tokens.assign(4, kUnknown);
  CHECK(facts_of(unknown).at("valid_in_train") == 0);
  TextCorpus plain = small_corpus();
  for (Sentences* split : {&plain.train, &plain.valid, &plain.test}) split->labels.clear();
  CHECK(facts_of(plain).count("train_classes") == 0);
}

TEST_CASE("labels that a probe cannot learn are refused, those that it cannot know are warned of") {
  TextCorpus corpus = small_corpus();
  CHECK(probe_refusal(corpus).empty());
  CHECK(probe_warnings(corpus).empty());

  corpus.test.labels = {1, 2, 2};
  CHECK(facts_of(corpus).at("test_unseen_labels") == 2);
  CHECK(probe_refusal(corpus).empty());
  CHECK(probe_warnings(corpus) ==
        std::vector<std::string>{"2 of the 3 examples of test have a label that train lacks ('mid'): the probe "
                                 "counts them as wrong"});
  corpus.test.labels = {2, 2, 2};
  CHECK(probe_refusal(corpus) ==
        "no label of test ('mid') occurs in train ('neg', 'pos'), so that a probe cannot be right");
  corpus.train.labels = {2, 2, 2};
  CHECK(probe_refusal(corpus) == "every example of train has the label 'mid', and a probe needs two classes");

  for (Sentences* split : {&corpus.train, &corpus.valid, &corpus.test}) split->labels.clear();
  CHECK(probe_refusal(corpus).empty());
  CHECK(probe_warnings(corpus) == std::vector<std::string>{"the data has no labels: there will be no probe_accuracy"});
}

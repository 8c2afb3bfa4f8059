#include "config/data_facts.h"

#include "catch.h"

using namespace klbench;

using Facts = std::map<std::string, Value>;
using Lines = std::vector<std::string>;

TEST_CASE("over a fifth of unknown words is alarming") {
  CHECK(data_warnings(Facts{{"valid_test_unk_share", 0.2}}).empty());
  CHECK(
      data_warnings(Facts{{"valid_test_unk_share", 0.256}}) ==
      Lines{"26% of the words of valid and test are <unk>: lower min_count, raise the limit of the vocabulary, or give "
            "the vocabulary of this data"});
}

TEST_CASE("sentences that splits share are alarming, missing facts are not") {
  CHECK(data_warnings({}).empty());
  Facts facts{{"valid_test_unk_share", 0.0},       {"valid_examples", std::int64_t{40}},
              {"test_examples", std::int64_t{50}}, {"valid_in_train", std::int64_t{3}},
              {"test_in_train", std::int64_t{0}},  {"test_in_valid", std::int64_t{2}}};
  CHECK(data_warnings(facts) == Lines{"3 of the 40 sentences of valid are in train too, 2 of the 50 sentences of test "
                                      "are in valid too: what is measured on them is not new to the model"});
  facts["valid_in_train"] = facts["test_in_valid"] = std::int64_t{0};
  CHECK(data_warnings(facts).empty());
}

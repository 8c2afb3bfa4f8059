#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace klbench {

/// Drops from valid what train has, and from test what train or valid has, word for word and with <unk> where words are
/// unknown; sentences of nothing but <unk> stay.
void drop_shared_sentences(TextCorpus& corpus);

/// What every cell keeps of its data (config/data_facts.h says what is alarming about it): train_examples,
/// valid_examples, test_examples; of text vocabulary (words), of images channels, height, width; valid_in_train,
/// test_in_train and test_in_valid, the examples of one split that also occur in another, as the model reads them
/// (sentences of <unk> alone aside); and with labels train_classes, and valid_unseen_labels and test_unseen_labels, the
/// examples whose label train lacks.
std::map<std::string, std::int64_t> facts_of(const Dataset& data);

/// Why the labels of data are of no use to a linear probe: train has one class, or no label of valid or of test occurs
/// in train. Empty where they are.
std::string probe_refusal(const Dataset& data);

/// What makes the accuracy of a probe less than it seems: there are no labels, or valid or test has some that train
/// lacks.
std::vector<std::string> probe_warnings(const Dataset& data);

}  // namespace klbench

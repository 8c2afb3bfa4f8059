#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// What is alarming about the data of a cell by the facts that it keeps (valid_test_unk_share, the share of the words
/// of valid and test together that are <unk>, valid_examples, valid_in_train, ...), a line each with what to do: over a
/// fifth of the words of valid and test unknown, sentences of valid or test that another split has too. Facts that are
/// not there (cells of an earlier klbench) say nothing.
std::vector<std::string> data_warnings(const std::map<std::string, Value>& facts);

}  // namespace klbench

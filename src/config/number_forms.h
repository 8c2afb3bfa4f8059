#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// The whole of `text` as a number; an explicit plus is allowed; hexadecimals, infinities, overflows and leading zeros,
/// which others read as octal, are not.
std::optional<Value> number_value(std::string_view text);

/// How YAML writes the number that `text` is elsewhere: "1_000", "1 000", "5k", "50%", "0x10", "012", "0,4", "1d-3",
/// "10^-3"; empty when it is none of these.
std::string meant_number(const std::string& text);

/// The readings of a comma that is no list for certain: "0,5" of a `real` option -> "0.5 for one value, [0, 5] for
/// two"; "1,500" -> "1500 for one value, [1, 500] for several". Empty for other texts.
std::string comma_readings(const std::string& text, bool real);

/// How a study writes the values that `text` lists: "0,1,2", "0; 1", "0 1 2" -> "[0, 1, 2]"; "0-2", "0..2" and "0:2" ->
/// "{range: [0, 3]}"; "range(0,3)" -> "{range: [0, 3]}". Empty when it is no list.
std::string meant_list(const std::string& text);

/// The parts of `text` between `separator`s, without the blanks around them.
std::vector<std::string> split_list(std::string_view text, char separator);

}  // namespace klbench

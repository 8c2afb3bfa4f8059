#include "storage/value_column.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "storage/hdf5.h"

namespace klbench {

namespace {

constexpr std::uint64_t kAbsentBits = 0x7ff80000000007a2;
constexpr std::uint32_t kAbsentSingleBits = 0x7fc007a2;
constexpr std::int64_t kLargestExact = std::int64_t{1} << 53;  // integers up to here are doubles too
constexpr const char* kTags = "birt";                          // by index of the variant

struct Kinds {
  bool booleans = false, integers = false, reals = false, texts = false;
  bool empty_text = false, large_integer = false, none = false;
};

/// Which of the ways of ValueColumn::write fits.
std::string form_of(const Kinds& kinds) {
  const int types = kinds.booleans + kinds.integers + kinds.reals + kinds.texts;
  if (types > 1) return "tagged texts";
  if (kinds.booleans) return "booleans";
  if (kinds.integers && !kinds.none) return "integers";
  if (kinds.integers) return kinds.large_integer ? "tagged texts" : "integers or NaN";
  if (kinds.texts && !kinds.none) return "texts";
  if (kinds.texts) return kinds.empty_text ? "tagged texts" : "texts or empty";
  return "reals";
}

std::string tagged(const Value& value) { return kTags[value.index()] + to_string(value); }

Value untagged(const std::string& text, const std::string& place) {
  const auto wrong = [&] { return UsageError(fmt::format("{}: '{}' is no tagged value", place, one_line(text))); };
  const char* begin = text.data() + 1;
  const char* end = text.data() + text.size();
  const auto number = [&](auto value) {
    const auto [rest, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || rest != end) throw wrong();
    return Value(value);
  };
  switch (text[0]) {
    case 'b':
      return text == "btrue";
    case 'i':
      return number(std::int64_t{0});
    case 'r':
      return number(0.0);
    case 't':
      return text.substr(1);
    default:
      throw wrong();
  }
}

double as_real(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

}  // namespace

double absent() { return std::bit_cast<double>(kAbsentBits); }
bool is_absent(double value) { return std::bit_cast<std::uint64_t>(value) == kAbsentBits; }
float absent_single() { return std::bit_cast<float>(kAbsentSingleBits); }
bool is_absent(float value) { return std::bit_cast<std::uint32_t>(value) == kAbsentSingleBits; }

/// By type, then by value, of reals by their bits: NaN equals itself and -0 is not 0.
bool ValueColumn::Order::operator()(const Value& a, const Value& b) const {
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  return x && y ? std::bit_cast<std::uint64_t>(*x) < std::bit_cast<std::uint64_t>(*y) : a < b;
}

void ValueColumn::set(std::size_t row, const Value& value) {
  const auto [known, is_new] = known_.emplace(value, static_cast<std::uint32_t>(values_.size() + 1));
  if (is_new) values_.push_back(&known->first);
  if (rows_.size() <= row) rows_.resize(row + 1, 0);
  rows_[row] = known->second;
}

const Value* ValueColumn::at(std::size_t row) const {
  return row < rows_.size() && rows_[row] > 0 ? values_[rows_[row] - 1] : nullptr;
}

const Value* ValueColumn::shared_by(const std::vector<std::size_t>& rows) const {
  const Value* shared = rows.empty() ? nullptr : at(rows[0]);
  for (const std::size_t row : rows) {
    if (at(row) != shared) return nullptr;  // equal values are held once
  }
  return shared;
}

void ValueColumn::write(hdf5::Group& group, const std::string& name, std::size_t rows) const {
  Kinds kinds;
  for (const Value* value : values_) {
    const auto* integer = std::get_if<std::int64_t>(value);
    const auto* text = std::get_if<std::string>(value);
    kinds.booleans |= std::holds_alternative<bool>(*value);
    kinds.integers |= integer != nullptr;
    kinds.reals |= std::holds_alternative<double>(*value);
    kinds.texts |= text != nullptr;
    kinds.empty_text |= text && text->empty();
    kinds.large_integer |= integer && (*integer > kLargestExact || *integer < -kLargestExact);
  }
  for (std::size_t row = 0; row < rows; ++row) kinds.none |= !at(row);
  const std::string form = form_of(kinds);
  const auto each = [&](const auto& none, const auto& convert) {
    std::vector<std::decay_t<decltype(none)>> values;
    for (std::size_t row = 0; row < rows; ++row) values.push_back(at(row) ? convert(*at(row)) : none);
    return group.create(name, values);
  };
  const auto write_all = [&] {
    if (form == "tagged texts") return each(std::string(), tagged);
    if (kinds.texts) return each(std::string(), [](const Value& value) { return std::get<std::string>(value); });
    if (form == "integers") return each(std::int64_t{0}, [](const Value& v) { return std::get<std::int64_t>(v); });
    return each(absent(), as_real);
  };
  write_all().set("values", form);
}

ValueColumn ValueColumn::read(const hdf5::Dataset& dataset) {
  const auto form = dataset.attribute<std::string>("values");
  ValueColumn column;
  if (form == "integers") {
    std::size_t row = 0;
    for (const std::int64_t value : dataset.integers()) column.set(row++, value);
  } else if (form == "texts" || form == "texts or empty" || form == "tagged texts") {
    const auto texts = dataset.texts();
    for (std::size_t row = 0; row < texts.size(); ++row) {
      const std::string& text = texts[row];
      if (!text.empty() || form == "texts") {
        column.set(row, form == "tagged texts" ? untagged(text, dataset.place()) : Value(text));
      }
    }
  } else if (form == "reals" || form == "integers or NaN" || form == "booleans") {
    const auto reals = dataset.reals();
    for (std::size_t row = 0; row < reals.size(); ++row) {
      const double real = reals[row];
      if (is_absent(real)) continue;
      column.set(row, form == "reals"      ? Value(real)
                      : form == "booleans" ? Value(real != 0)
                                           : Value(static_cast<std::int64_t>(real)));
    }
  } else {
    throw UsageError(fmt::format("{}: unknown form of values '{}'", dataset.place(), one_line(form)));
  }
  return column;
}

}  // namespace klbench

#include "data/text/json_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "data/text/text_source.h"

namespace klbench {

namespace {

/// `text` on one line and in one column.
std::string one_column(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

std::string text_field(const nlohmann::json& object, const Place& place) {
  const auto text = object.find("text");
  if (text == object.end()) throw UsageError(place, "no field 'text'; a line is {\"text\": \"...\", \"label\": ...}");
  if (!text->is_string()) throw UsageError(place, fmt::format("'text' is a {}, a text is wanted", text->type_name()));
  return one_column(text->get<std::string>());
}

std::string label_field(const nlohmann::json& object, const Place& place) {
  const auto label = object.find("label");
  if (label == object.end() || label->is_null())
    throw UsageError(place, "no field 'label', which data.label: field wants");
  if (label->is_string()) return one_column(label->get<std::string>());
  if (label->is_number() || label->is_boolean()) return label->dump();
  throw UsageError(place, fmt::format("'label' is an {}; a text or a number is wanted", label->type_name()));
}

}  // namespace

std::string lines_of_json(std::string_view text, const std::string& file, bool labels) {
  std::string lines;
  for_each_line(text, file, [&](int number, std::string_view line) {
    const Place place{file, number};
    if (line.find_first_not_of(" \t") != line.npos) {
      const auto object = nlohmann::json::parse(line, nullptr, false);
      if (!object.is_object())
        throw UsageError(place, "not a JSON object; a line is {\"text\": \"...\", \"label\": ...}");
      const std::string sentence = text_field(object, place);
      if (labels) lines += label_field(object, place) + "\t";
      lines += sentence;
    }
    lines += "\n";
  });
  return lines;
}

}  // namespace klbench

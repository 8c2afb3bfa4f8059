#include "cli/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/components.h"
#include "config/value_json.h"
#include "core/csv.h"
#include "core/error.h"

namespace klbench {

namespace {

std::string text_lines(const Listing& listing) {
  std::vector<std::size_t> widths(listing.columns.size());
  for (const auto& row : listing.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : listing.rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", one_line(row[i]), widths[i]);
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string json_rows(const Listing& listing) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& row : listing.rows) {
    nlohmann::ordered_json object;
    for (std::size_t i = 0; i < row.size(); ++i) object[listing.columns[i]] = row[i];
    array.push_back(std::move(object));
  }
  return json_text(array);
}

}  // namespace

const std::vector<std::string>& listing_formats() {
  static const std::vector<std::string> formats = {"text", "csv", "json"};
  return formats;
}

std::string format_listing(const Listing& listing, const std::string& format) {
  if (format == "json") return json_rows(listing);
  if (format == "text") return text_lines(listing);
  std::string text = csv_line(listing.columns) + "\n";
  for (const auto& row : listing.rows) text += csv_line(row) + "\n";
  return text;
}

std::vector<std::string> listed_kinds() {
  std::vector<std::string> what;
  for (const auto& kind : kComponentKinds) what.emplace_back(kind.plural);
  what.emplace_back("launchers");
  return what;
}

}  // namespace klbench

#include "cli/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/components.h"
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

std::string json_text(const Listing& listing) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& row : listing.rows) {
    nlohmann::ordered_json object;
    for (std::size_t i = 0; i < row.size(); ++i) object[listing.columns[i]] = row[i];
    array.push_back(std::move(object));
  }
  return array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

const std::vector<std::string>& listing_formats() {
  static const std::vector<std::string> formats = {"text", "csv", "json"};
  return formats;
}

void check_listing_format(const std::string& format) {
  const auto& formats = listing_formats();
  if (std::find(formats.begin(), formats.end(), format) == formats.end())
    throw UsageError(unknown_name("format", format, formats));
}

std::string format_listing(const Listing& listing, const std::string& format) {
  check_listing_format(format);
  if (format == "json") return json_text(listing);
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

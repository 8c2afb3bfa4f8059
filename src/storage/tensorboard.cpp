#include "storage/tensorboard.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/files.h"
#include "storage/cell_numbers.h"
#include "storage/event_file.h"

namespace klbench {

namespace {

/// A name of one folder: what would not be one becomes '_'.
std::string folder_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '/' || static_cast<unsigned char>(c) < ' '; }, '_');
  constexpr std::size_t kLongest = 200;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + content_hash(text).substr(0, 8);
}

std::string events(const CellResult& cell, const std::vector<std::string>& options) {
  EventFile file;
  std::map<std::string, Value> values{{"regularizer", cell.method}};
  for (const auto& option : options) {
    if (const auto value = cell.config.find(option); value != cell.config.end()) values.insert(*value);
  }
  file.hyperparameters(values);
  const auto pace = cell.cost.find("seconds_per_epoch");
  each_number(cell, [&](const CellNumber& number) {
    if (number.dimension || cell.epochs.empty()) return;
    const EpochRecord& epoch = number.epoch ? *number.epoch : cell.epochs.back();
    const double seconds = pace == cell.cost.end() ? 0 : pace->second * static_cast<double>(epoch.epoch);
    const std::string tag = fmt::format("{}{}/{}", number.metric ? "final/" : "", number.split, number.name);
    file.scalar(tag, epoch.step, seconds, number.value);
  });
  return file.bytes();
}

}  // namespace

std::size_t write_tensorboard(const StudyResult& study, const std::map<std::string, std::string>& labels,
                              const std::filesystem::path& folder) {
  auto options = options_that_vary(study);
  options.emplace_back("seed");
  for (const auto& cell : study.cells) {
    const auto seed = cell.config.find("seed");
    const std::string run = fmt::format("seed={}", seed == cell.config.end() ? "0" : to_string(seed->second));
    write_file_durably(
        folder / folder_name(study.name) / folder_name(labels.at(cell.id)) / run / "events.out.tfevents.0.klbench",
        events(cell, options));
  }
  return study.cells.size();
}

}  // namespace klbench

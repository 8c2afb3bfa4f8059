#include "training/divergence.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files.h"

namespace klbench {

Diverged::Diverged(std::int64_t step, std::string quantity, double value)
    : Error(fmt::format("{} became {} at step {}", quantity, value, step)),
      step_(step),
      quantity_(std::move(quantity)) {}

DivergenceClaim::DivergenceClaim(std::filesystem::path path) : path_(std::move(path)) {
  const auto text = read_file_if_there(path_);
  if (!text) return;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  try {
    earlier_.emplace(json.at("step").get<std::int64_t>(), json.at("quantity").get<std::string>(), std::nan(""));
  } catch (const nlohmann::json::exception&) {
    earlier_.reset();  // a damaged claim is none
  }
}

void DivergenceClaim::make(const Diverged& diverged) {
  const nlohmann::json json = {{"step", diverged.step()}, {"quantity", diverged.quantity()}};
  write_file_durably(path_, json.dump() + "\n");
  earlier_ = diverged;
}

void DivergenceClaim::remove() {
  earlier_.reset();
  std::error_code error;
  std::filesystem::remove(path_, error);
}

}  // namespace klbench

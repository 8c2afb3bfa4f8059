#include "sweep/schedule.h"

#include <algorithm>

#include "core/error.h"

namespace klbench {

namespace {

bool wanted(std::size_t cell, CellStatus state, const RunPolicy& policy) {
  switch (state) {
    case CellStatus::running:
      return false;
    case CellStatus::done:
      return (policy.retrain || policy.again.contains(cell)) && policy.only.empty();
    case CellStatus::diverged:
      return (policy.retrain || policy.retry_diverged || policy.again.contains(cell)) && policy.only.empty();
    case CellStatus::failed:
      return policy.only.empty() || policy.only == "failed";
    case CellStatus::interrupted:
    case CellStatus::unconfirmed:
    case CellStatus::stale:
      return policy.only.empty() || policy.only == "interrupted";
    case CellStatus::missing:
      return policy.only.empty() || policy.only == "missing";
  }
  return false;
}

}  // namespace

const std::vector<std::string>& only_choices() {
  static const std::vector<std::string> choices = {"failed", "interrupted", "missing"};
  return choices;
}

Schedule::Schedule(std::vector<CellStatus> before, const RunPolicy& policy)
    : policy_(policy), states_(std::move(before)), retries_left_(states_.size(), policy.retries) {
  const auto& choices = only_choices();
  if (!policy.only.empty() && std::find(choices.begin(), choices.end(), policy.only) == choices.end()) {
    throw UsageError(unknown_name("value of --only", policy.only, choices));
  }
  for (std::size_t cell = 0; cell < states_.size(); ++cell) {
    const bool start = wanted(cell, states_[cell], policy);
    if (start) queue_.push_back(cell);
    selected_.push_back(start || policy.only.empty());
  }
}

std::optional<std::size_t> Schedule::next() {
  if (stopped_ || queue_.empty()) return std::nullopt;
  const std::size_t cell = queue_.front();
  queue_.pop_front();
  states_[cell] = CellStatus::running;
  ++running_;
  return cell;
}

bool Schedule::ended(std::size_t cell, const Outcome& outcome) {
  --running_;
  states_[cell] = outcome.state;
  if (outcome.state == CellStatus::unconfirmed && !stopped_) {
    queue_.push_front(cell);
    return true;
  }
  const bool failed = outcome.state == CellStatus::failed;
  if (failed && outcome.retryable && !stopped_ && retries_left_[cell] > 0) {
    --retries_left_[cell];
    queue_.push_back(cell);
    return true;
  }
  if (outcome.ends_run) stop();
  if (policy_.fail_fast && (failed || outcome.state == CellStatus::diverged)) stop();
  return false;
}

std::size_t Schedule::count(CellStatus state) const {
  return static_cast<std::size_t>(std::count(states_.begin(), states_.end(), state));
}

}  // namespace klbench

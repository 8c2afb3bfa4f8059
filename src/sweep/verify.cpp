#include "sweep/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "storage/cell_file.h"
#include "sweep/outcome.h"

namespace klbench {

namespace {

constexpr std::size_t kFilesAtOnce = 250;
constexpr double kSecondsPerFile = 20;

CellVerdict parse_verdict(const std::string& line) {
  CellVerdict verdict;
  try {
    const auto json = nlohmann::json::parse(line);
    verdict.path = json.at("path").get<std::string>();
    verdict.ok = json.at("ok").get<bool>();
    verdict.id = json.at("id").get<std::string>();
    verdict.status = cell_status(json.at("status").get<std::string>()).value_or(CellStatus::missing);
    verdict.hash = json.at("hash").get<std::string>();
    verdict.reason = json.at("reason").get<std::string>();
    verdict.problem = json.at("problem").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    verdict.ok = false;
  }
  return verdict;
}

CellVerdict damaged(const std::filesystem::path& path, std::string problem) {
  CellVerdict verdict;
  verdict.path = path;
  verdict.problem = std::move(problem);
  return verdict;
}

using Paths = std::vector<std::filesystem::path>;

/// Verdicts of the files a child got through; the one it crashed on is the last of them.
std::vector<CellVerdict> verify_some(const Paths& paths) {
  std::vector<std::string> argv = {executable_path(), "verify", "--machine", "--"};
  for (const auto& path : paths) argv.push_back(std::filesystem::absolute(path).string());
  ProcessResult child;
  try {
    child = run_process(argv, {.timeout_seconds = kSecondsPerFile + 0.1 * static_cast<double>(paths.size())});
  } catch (const Error& error) {
    if (paths.size() == 1) return {damaged(paths[0], "reading it did not end")};
    return verify_some({paths[0]});  // the others follow one by one, or together once the culprit is behind us
  }
  std::vector<CellVerdict> verdicts;
  std::istringstream lines(child.out);
  for (std::string line; verdicts.size() < paths.size() && std::getline(lines, line);) {
    verdicts.push_back(parse_verdict(line));
    verdicts.back().path = paths[verdicts.size() - 1];
  }
  if (verdicts.size() < paths.size()) {
    const auto how = child.signal != 0 ? signal_name(child.signal) : fmt::format("exit code {}", child.exit_code);
    verdicts.push_back(damaged(paths[verdicts.size()], "reading it crashed: " + how));
  }
  return verdicts;
}

}  // namespace

CellVerdict verify_cell(const std::filesystem::path& path) {
  CellVerdict verdict;
  verdict.path = path;
  try {
    const std::string bytes = read_file(path);
    verdict.hash = content_hash(bytes);
    const CellResult cell = read_cell(path);
    verdict.id = cell.id;
    verdict.status = cell.status;
    if (const auto fact = cell.facts.find("diverged"); fact != cell.facts.end()) {
      verdict.reason = std::get<std::string>(fact->second);
    }
    verdict.ok = encode_cell(cell) == bytes;
    if (!verdict.ok) verdict.problem = "its bytes are not those that its content is written as";
  } catch (const Error& error) {
    verdict.problem = one_line(error.what());
  }
  return verdict;
}

std::string verdict_line(const CellVerdict& verdict) {
  const nlohmann::json json = {
      {"path", verdict.path.string()},       {"ok", verdict.ok},     {"id", verdict.id},
      {"status", to_string(verdict.status)}, {"hash", verdict.hash}, {"reason", verdict.reason},
      {"problem", verdict.problem}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<CellVerdict> verify_in_child(const Paths& paths) {
  std::vector<CellVerdict> verdicts;
  while (verdicts.size() < paths.size()) {
    const auto begin = paths.begin() + static_cast<std::ptrdiff_t>(verdicts.size());
    const auto left = static_cast<std::size_t>(paths.end() - begin);
    const Paths some(begin, begin + static_cast<std::ptrdiff_t>(std::min(left, kFilesAtOnce)));
    for (auto& verdict : verify_some(some)) verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace klbench

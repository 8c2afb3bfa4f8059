#include "sweep/progress_view.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "core/terminal.h"

namespace klbench {

namespace {

constexpr std::size_t kLongestLabel = 48;
constexpr std::chrono::milliseconds kRedraw(200);
constexpr double kFirstSeconds = 3;  // of all workers together: too early for an estimate

/// A piece of a line; of lines that are too long, those of the highest rank go first.
struct Piece {
  int rank;
  std::string text;
};

std::string joined(const std::vector<Piece>& pieces, const char* separator) {
  std::string line;
  for (const auto& piece : pieces) line += (line.empty() ? "" : separator) + piece.text;
  return line;
}

/// The pieces as one line of at most `width` characters; empty where not even the last fits.
std::string fit(std::vector<Piece> pieces, const char* separator, std::size_t width) {
  std::erase_if(pieces, [](const Piece& piece) { return piece.text.empty(); });
  const auto by_rank = [](const Piece& a, const Piece& b) { return a.rank < b.rank; };
  while (!pieces.empty() && joined(pieces, separator).size() > width) {
    pieces.erase(std::max_element(pieces.begin(), pieces.end(), by_rank));
  }
  return joined(pieces, separator);
}

/// "loss 61.25"; empty where the value is not known.
std::string named(const char* name, double value) {
  return std::isnan(value) ? "" : fmt::format("{} {}", name, progress_number(value));
}

std::string speed_text(const CellProgress& progress) {
  if (std::isnan(progress.tokens_per_second)) return "";
  return fmt::format("{:.0f} {}/s", progress.tokens_per_second, progress.images ? "images" : "tokens");
}

std::string row_text(const RunningRow& row, std::size_t label_width, std::size_t width) {
  const CellProgress& p = row.progress;
  const std::string label = fmt::format("{:<{}}", shorten(row.label, label_width), label_width);
  std::string state = fmt::format("epoch {:.1f}/{:.0f}", p.epochs_done, p.epochs);
  if (p.epochs <= 0) state = "starting";
  if (p.stage == CellProgress::Stage::evaluating) state = "evaluating";
  return fit({{1, "  " + label},
              {0, std::move(state)},
              {4, named("loss", p.loss)},
              {3, named("kl", p.kl)},
              {2, named("valid ELBO", p.valid_elbo)},
              {5, speed_text(p)}},
             "  ", width);
}

/// duration_text without its second unit.
std::string brief_duration(double seconds) {
  const std::string text = duration_text(seconds);
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

std::string head_text(const RunSnapshot& snapshot, std::size_t width) {
  const double eta = remaining_seconds(snapshot);
  const std::string cells = fmt::format("{}/{}", snapshot.done, snapshot.total);
  const std::string time = "ETA " + (eta < 0 ? "unknown" : duration_text(eta));
  if (cells.size() + time.size() + std::strlen(" done, ") > width) {
    return fit({{0, cells}, {1, "ETA " + (eta < 0 ? "?" : brief_duration(eta))}}, " ", width);
  }
  return fit({{4, snapshot.study},
              {0, cells + " done"},
              {5, fmt::format("{} running", snapshot.running.size())},
              {2, snapshot.failed > 0 ? fmt::format("{} failed", snapshot.failed) : ""},
              {6, fmt::format("{} waiting", snapshot.waiting)},
              {3, duration_text(snapshot.seconds) + " elapsed"},
              {1, time}},
             ", ", width);
}

/// A run goes on when nobody reads its progress any more.
void show(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

/// Takes back lines of these widths, as a terminal of `columns` wraps them.
std::string erase_text(const std::vector<std::size_t>& widths, std::size_t columns) {
  if (widths.empty()) return "";
  std::size_t rows = 0;
  for (const std::size_t width : widths) rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
  return fmt::format("\x1b[{}A\x1b[J", rows);
}

}  // namespace

std::string shorten(const std::string& label, std::size_t width) {
  if (label.size() <= width) return label;
  for (std::size_t space = label.find(' '); space != std::string::npos; space = label.find(' ', space + 1)) {
    if (label.size() - space + 2 <= width) return ".." + label.substr(space);
  }
  return "";
}

std::string progress_number(double value) {
  if (std::isnan(value)) return "";
  return std::abs(value) < 1e6 ? fmt::format("{:.2f}", value) : fmt::format("{:.2e}", value);
}

double share_trained(const CellProgress& progress, double begun) {
  return progress.epochs > 0 ? std::clamp((progress.epochs_done - begun) / progress.epochs, 0.0, 1.0) : 0.0;
}

double remaining_seconds(const RunSnapshot& snapshot) {
  double worked = snapshot.worked;
  double seconds = snapshot.worked_seconds;
  double left = static_cast<double>(snapshot.waiting);
  double longest = 0;
  for (const auto& row : snapshot.running) {
    worked += share_trained(row.progress, row.begun);
    seconds += row.seconds;
    const double rest = 1 - share_trained(row.progress, 0);
    left += rest;
    longest = std::max(longest, rest);
  }
  if (worked <= 0 || (snapshot.worked <= 0 && seconds < kFirstSeconds)) return -1;
  const std::size_t busy = std::min(snapshot.workers, snapshot.running.size() + snapshot.waiting);
  return seconds / worked * std::max(left / static_cast<double>(std::max<std::size_t>(1, busy)), longest);
}

std::string duration_text(double seconds) {
  const auto s = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

std::string epoch_text(const CellProgress& progress) {
  return fmt::format("epoch {:.0f}/{:.0f}: {}", std::ceil(progress.epochs_done), progress.epochs,
                     fit({{0, named("loss", progress.loss)},
                          {0, named("kl", progress.kl)},
                          {0, named("valid ELBO", progress.valid_elbo)},
                          {0, speed_text(progress)}},
                         ", ", std::string::npos));
}

std::string standing_text(const RunSnapshot& snapshot) {
  const double eta = remaining_seconds(snapshot);
  const std::string time =
      eta < 0 || snapshot.running.size() + snapshot.waiting == 0 ? "" : ", ETA " + duration_text(eta);
  return fmt::format(" ({}/{} done{})", snapshot.done, snapshot.total, time);
}

std::string resumed_text(const CellProgress& progress) {
  const double epochs = progress.resumed_after;
  const std::string count = epochs < 1                     ? fmt::format("{:.2g}", epochs)
                            : epochs == std::floor(epochs) ? fmt::format("{:.0f}", epochs)
                                                           : fmt::format("{:.1f}", epochs);
  return fmt::format("resumed after {} epoch{}", count, epochs == 1 ? "" : "s");
}

std::vector<std::string> render_table(const RunSnapshot& snapshot, std::size_t width, std::size_t height) {
  std::vector<std::string> lines = {head_text(snapshot, width)};
  std::size_t label_width = 0;
  for (const auto& row : snapshot.running) label_width = std::max(label_width, row.label.size());
  label_width = std::min({label_width, kLongestLabel, width / 2});
  for (const auto& row : snapshot.running) lines.push_back(row_text(row, label_width, width));
  lines.resize(std::min(lines.size(), std::max<std::size_t>(height, 1)));
  return lines;
}

ProgressStyle terminal_style() { return moves_cursor(STDERR_FILENO) ? ProgressStyle::live : ProgressStyle::lines; }

void ProgressView::event(const std::string& line) {
  if (style_ == ProgressStyle::quiet) return;
  close();
  show(line + "\n");
}

void ProgressView::table(const RunSnapshot& snapshot) {
  if (!live()) return;
  const auto now = std::chrono::steady_clock::now();
  if (!drawn_.empty() && now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  const auto [columns, rows] = terminal_size(STDERR_FILENO);
  const auto lines = render_table(snapshot, columns - 1, rows - 1);
  std::string text = erase_text(drawn_, columns);
  drawn_.clear();
  for (const auto& line : lines) {
    text += line + "\n";
    drawn_.push_back(line.size());
  }
  show(text);
}

void ProgressView::close() {
  if (drawn_.empty()) return;
  show(erase_text(drawn_, terminal_size(STDERR_FILENO).columns));
  drawn_.clear();
}

}  // namespace klbench

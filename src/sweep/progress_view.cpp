#include "sweep/progress_view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace klbench {

namespace {

constexpr std::size_t kLongestLabel = 48;
constexpr std::chrono::milliseconds kRedraw(200);

double share_done(const CellProgress& progress) {
  return progress.epochs > 0 ? std::clamp(progress.epochs_done / progress.epochs, 0.0, 1.0) : 0.0;
}

std::string row_text(const RunningRow& row, std::size_t label_width) {
  const CellProgress& p = row.progress;
  const std::string start = fmt::format("  {:<{}}", row.label.substr(0, label_width), label_width);
  if (p.epochs <= 0) return start + "  starting";
  return fmt::format("{}  epoch {:.1f}/{:.0f}  loss {:.2f}  kl {:.2f}  {:.0f} tokens/s", start, p.epochs_done, p.epochs,
                     p.loss, p.kl, p.tokens_per_second);
}

/// A run goes on when nobody reads its progress any more.
void show(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

winsize terminal_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {24, 100, 0, 0};
  return size;
}

}  // namespace

double remaining_seconds(const RunSnapshot& snapshot) {
  double worked = static_cast<double>(snapshot.ended);
  double left = static_cast<double>(snapshot.waiting);
  for (const auto& row : snapshot.running) {
    worked += share_done(row.progress);
    left += 1 - share_done(row.progress);
  }
  return worked > 0 ? snapshot.seconds * left / worked : -1;
}

std::string duration_text(double seconds) {
  const auto s = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

std::vector<std::string> render_table(const RunSnapshot& snapshot, std::size_t width, std::size_t height) {
  const double eta = remaining_seconds(snapshot);
  std::vector<std::string> lines = {fmt::format("{}: {}/{} done, {} running, {} failed, {} waiting; {} elapsed, {}",
                                                snapshot.study, snapshot.done, snapshot.total, snapshot.running.size(),
                                                snapshot.failed, snapshot.waiting, duration_text(snapshot.seconds),
                                                eta < 0 ? "ETA unknown" : "ETA " + duration_text(eta))};
  std::size_t label_width = 0;
  for (const auto& row : snapshot.running) label_width = std::max(label_width, row.label.size());
  label_width = std::min(label_width, kLongestLabel);
  for (const auto& row : snapshot.running) lines.push_back(row_text(row, label_width));
  lines.resize(std::min(lines.size(), std::max<std::size_t>(height, 1)));
  for (auto& line : lines) line.resize(std::min(line.size(), width));
  return lines;
}

void ProgressView::event(const std::string& line) {
  if (style_ == ProgressStyle::quiet) return;
  close();
  show(line + "\n");
}

void ProgressView::table(const RunSnapshot& snapshot) {
  if (!live()) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ > 0 && now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  const winsize size = terminal_size();
  const auto lines = render_table(snapshot, size.ws_col - 1U, size.ws_row - 1U);
  std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A\x1b[J", drawn_) : "";
  for (const auto& line : lines) text += line + "\n";
  show(text);
  drawn_ = lines.size();
}

void ProgressView::close() {
  if (drawn_ > 0) show(fmt::format("\x1b[{}A\x1b[J", drawn_));
  drawn_ = 0;
}

}  // namespace klbench

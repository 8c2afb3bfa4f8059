#include "sweep/progress_view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace klbench {

namespace {

double share_done(const CellProgress& progress) {
  return progress.epochs > 0 ? std::clamp(progress.epochs_done / progress.epochs, 0.0, 1.0) : 0.0;
}

std::string row_text(const RunningRow& row) {
  const CellProgress& p = row.progress;
  if (p.epochs <= 0) return fmt::format("  {:<44} starting", row.label);
  return fmt::format("  {:<44} epoch {:5.1f}/{:<4.0f} loss {:8.3f}  kl {:7.3f}  {:7.0f} tokens/s", row.label,
                     p.epochs_done, p.epochs, p.loss, p.kl, p.tokens_per_second);
}

/// A run goes on when nobody reads its progress any more.
void show(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
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

std::vector<std::string> render_table(const RunSnapshot& snapshot, std::size_t width) {
  const double eta = remaining_seconds(snapshot);
  std::vector<std::string> lines = {fmt::format("{}: {}/{} done, {} running, {} failed, {} waiting; {} elapsed, {}",
                                                snapshot.study, snapshot.done, snapshot.total, snapshot.running.size(),
                                                snapshot.failed, snapshot.waiting, duration_text(snapshot.seconds),
                                                eta < 0 ? "ETA unknown" : "ETA " + duration_text(eta))};
  for (const auto& row : snapshot.running) lines.push_back(row_text(row));
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
  const auto lines = render_table(snapshot, terminal_width() - 1);
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

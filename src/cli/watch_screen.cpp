#include "cli/watch_screen.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>

namespace klbench {

namespace {

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

WatchScreen::WatchScreen() : has_keys_(::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
  // Comes in ppoll alone, so that none is missed.
  sigset_t resize;
  sigemptyset(&resize);
  sigaddset(&resize, SIGWINCH);
  ::sigprocmask(SIG_BLOCK, &resize, &mask_);
  struct sigaction action {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGWINCH, &action, &resize_before_);
  enter();
}

WatchScreen::~WatchScreen() {
  leave();
  ::sigaction(SIGWINCH, &resize_before_, nullptr);
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

void WatchScreen::enter() {
  if (has_keys_) {
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
  }
  put("\x1b[?1049h\x1b[?25l");
}

void WatchScreen::leave() {
  put("\x1b[?25h\x1b[?1049l");
  if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void WatchScreen::pause() {
  leave();
  ::kill(::getpid(), SIGSTOP);
  enter();
}

void WatchScreen::show(const std::vector<std::string>& lines) {
  std::string text = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i > 0 ? "\n" : "") + lines[i] + "\x1b[K";
  put(text + "\x1b[J");
}

WatchScreen::Event WatchScreen::wait(double seconds) {
  std::array<pollfd, 2> sources = {{{stop_.fd(), POLLIN, 0}, {has_keys_ ? STDIN_FILENO : -1, POLLIN, 0}}};
  timespec time{};
  time.tv_sec = static_cast<time_t>(seconds);
  time.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
  const int ready = ::ppoll(sources.data(), sources.size(), &time, &mask_);
  stop_.drain();
  if (stop_.count() > 0) return Event::quit;
  if (stop_.take_pause()) pause();
  if (stop_.take_continue() || (ready < 0 && errno == EINTR)) return Event::resized;
  if (sources[1].revents == 0) return Event::time;
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) <= 0) has_keys_ = false;  // nobody is there any more
  return key == 'q' || key == 'Q' ? Event::quit : Event::time;
}

}  // namespace klbench

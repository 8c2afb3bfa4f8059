#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/study_target.h"
#include "cli/watch_screen.h"
#include "cli/watch_view.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/terminal.h"

namespace klbench {

namespace {

struct WatchArguments {
  StudyArguments study;
  std::string metric = "kl";
  std::string split = "valid";
  double interval = 2;
};

WatchPaper paper_of_terminal() {
  const auto [columns, rows] = terminal_size(STDOUT_FILENO);
  WatchPaper paper{.columns = columns, .rows = rows, .utf8 = writes_utf8()};
  const char* none = std::getenv("NO_COLOR");
  paper.colours = moves_cursor(STDOUT_FILENO) && (none == nullptr || *none == '\0');
  const char* depth = std::getenv("COLORTERM");
  paper.true_colour =
      depth != nullptr && (std::string_view(depth) == "truecolor" || std::string_view(depth) == "24bit");
  return paper;
}

void print(const LiveStudy& study) {
  WatchPaper paper = paper_of_terminal();
  paper.rows = 0;
  for (const auto& line : watch_lines(study, paper)) fmt::print("{}\n", line);
}

/// Until the study is over, "q" or a signal, which is returned.
int show_live(LiveStudy& study, double interval) {
  WatchScreen screen;
  while (!study.is_over()) {
    screen.show(watch_lines(study, paper_of_terminal()));
    const auto event = screen.wait(interval);
    if (event == WatchScreen::Event::quit) return screen.signal();
    if (event == WatchScreen::Event::time) study.look();
  }
  return 0;
}

int watch(const WatchArguments& arguments) {
  if (!is_known_metric(arguments.metric)) {
    std::vector<std::string> names;
    for (const auto& metric : known_metrics()) names.push_back(metric.name);
    throw UsageError("--metric: " + unknown_name("metric", arguments.metric, names));
  }
  const StudyTarget target = locate_target(arguments.study);
  LiveStudy study(target.layout, target.cells, arguments.split, arguments.metric);
  study.look();
  const bool is_live = moves_cursor(STDOUT_FILENO);
  if (!is_live) {
    while (study.is_unread()) study.look();
  } else if (const int signal = show_live(study, arguments.interval); signal != 0) {
    return 128 + signal;
  }
  print(study);
  return 0;
}

}  // namespace

Command watch_command() {
  return {"watch", "Show a running study in the terminal: a table and curves by epoch, until it is complete or 'q'",
          [](CLI::App& app) {
            auto arguments = std::make_shared<WatchArguments>();
            add_study(app, arguments->study);
            app.add_option("--metric", arguments->metric, "What is drawn by epoch, as in figures")
                ->capture_default_str()
                ->type_name("METRIC");
            wants_one_of(app.add_option("--split", arguments->split, "Split of the metric")->capture_default_str(),
                         "split", {"train", "valid"});
            wants_number(app.add_option("--interval", arguments->interval, "Seconds between looks at the files")
                             ->capture_default_str()
                             ->type_name("SECONDS"),
                         0.1, 3600);
            return [arguments] { return watch(*arguments); };
          }};
}

}  // namespace klbench

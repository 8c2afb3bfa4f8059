#include "plotting/script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gnuplot-iostream.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/process.h"
#include "plotting/glyphs.h"
#include "plotting/picture_bytes.h"

namespace klbench {

namespace {

/// Same physical size and the same 8 pt text in all formats; SVG at 96 pixels an inch. The scales below were found by
/// measuring: the Cairo terminals count a font's point as 1/54 inch.
std::string set_terminal(const std::string& format, const Script& script) {
  const double png_scale = script.dpi / 72.0;
  constexpr double kSvgScale = 96.0 / 72;
  const auto pixels = [](double inches, double scale) { return std::lround(inches * scale * 72); };
  if (format == "png") {
    return fmt::format(
        "set terminal pngcairo noenhanced size {},{} font 'DejaVu Sans,8' fontscale {:.4f} linewidth {:.4f} "
        "pointscale {:.4f} background rgb 'white'",
        pixels(script.width, png_scale), pixels(script.height, png_scale), png_scale * 0.75, png_scale * 0.75,
        png_scale * 0.75);
  }
  if (format == "svg") {
    return fmt::format(
        "set terminal svg noenhanced size {},{} font 'DejaVu Sans,8' fontscale {:.4f} linewidth {:.4f} "
        "background rgb 'white'",
        pixels(script.width, kSvgScale), pixels(script.height, kSvgScale), kSvgScale, kSvgScale * 0.75);
  }
  return fmt::format(
      "set terminal pdfcairo noenhanced size {:.3f}in,{:.3f}in font 'DejaVu Sans,8' fontscale 0.75 linewidth 1.9 "
      "pointscale 0.9",
      script.width, script.height);
}

std::string terminal_name(const std::string& format) { return format == "svg" ? "svg" : format + "cairo"; }

std::string script_text(const Script& script, const std::string& stem, const std::vector<std::string>& formats) {
  std::string text = fmt::format("# Redraw with: gnuplot {}.gp\nset encoding utf8\n", stem);
  for (std::size_t i = 0; i < script.data.size(); ++i) {
    text += fmt::format("# {} .\n$d{} << EOD\n", quote(script.data[i].comment), i);
    for (const auto& row : script.data[i].rows) {
      for (std::size_t j = 0; j < row.size(); ++j) {
        text += j > 0 ? " " : "";
        text += number(row[j]);
      }
      text += "\n";
    }
    text += "EOD\n";
  }
  for (const auto& format : formats) {
    text += fmt::format("\n{}\nset output {}\n", set_terminal(format, script), quote(stem + "." + format));
    for (const auto& command : script.commands) text += command + "\n";
    text += "unset output\n";
  }
  return text;
}

/// A folder that is removed with all it holds.
class Scratch {
 public:
  Scratch() {
    const char* given = std::getenv("TMPDIR");
    const std::filesystem::path folder = given && *given ? given : "/tmp";
    std::string name = folder / "klbench_plot_XXXXXX";
    if (!::mkdtemp(name.data())) throw_io_error(folder, "cannot make a folder to draw in", errno);
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void hand_over(const std::string& text, const std::filesystem::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (!file) throw_io_error(path, "cannot write", errno);
  gnuplotio::Gnuplot stream(file);
  errno = 0;
  stream << text << std::flush;
  if (!stream.good()) throw_io_error(path, "cannot write", errno);
}

/// No format can be drawn: gnuplot is not there, or hangs.
class NoGnuplot : public Error {
 public:
  using Error::Error;
};

ProcessResult start_gnuplot(const std::filesystem::path& folder, const std::string& script, double seconds) {
  try {
    const char* epoch = std::getenv("SOURCE_DATE_EPOCH");  // newer versions of Cairo put it into a PDF
    // --default-settings: no start-up file of the user or the system changes the figure. In the C locale gnuplot warns
    // that it cannot write UTF-8.
    return run_process({"gnuplot", "--default-settings", script},
                       {.folder = folder,
                        .timeout_seconds = seconds,
                        .environment = {"LC_ALL=C.UTF-8", fmt::format("SOURCE_DATE_EPOCH={}", epoch ? epoch : "0")}});
  } catch (const Error& error) {
    const std::string what = error.what();
    const bool absent = what.starts_with("cannot start");
    throw NoGnuplot(what + (absent ? "; the Debian package gnuplot-nox brings it" : ""));
  }
}

bool says(const std::string& text, std::string_view word) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

/// What gnuplot said of the script, without the line's number, which depends on the format, and what it warns of; not
/// the commands that it repeats.
std::vector<std::string> remarks(const std::string& output, const std::string& script) {
  std::vector<std::string> found;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with('"' + script + "\" line ") && colon != std::string::npos) {
      found.push_back(one_line(line.substr(colon + 2)));
    } else if (says(line, "warning") && !line.starts_with("Fontconfig")) {
      found.push_back(one_line(line));
    } else if (!line.empty()) {
      spdlog::debug("gnuplot: {}", one_line(line));
    }
  }
  return found;
}

std::string failure(const ProcessResult& result, const std::string& script, const std::string& format) {
  if (says(result.err, "unknown or ambiguous terminal") || says(result.err, "unknown terminal")) {
    return fmt::format(
        "this gnuplot has no terminal {}; the Debian packages gnuplot-nox, gnuplot-x11 and gnuplot-qt "
        "bring it",
        terminal_name(format));
  }
  const auto said = remarks(result.err, script);
  const std::string end = result.signal ? fmt::format("was ended by signal {}", result.signal)
                                        : fmt::format("failed with exit code {}", result.exit_code);
  const std::string why = said.empty() ? one_line(result.err) : fmt::format("{}", fmt::join(said, "; "));
  return fmt::format("gnuplot {}{}{}", end, why.empty() ? "" : ": ", why);
}

/// One format's bytes; adds gnuplot's warnings. Throws Error saying why there are none, NoGnuplot where others would
/// fare the same.
std::string draw_format(const Script& script, const std::string& stem, const std::string& format, double seconds,
                        std::vector<std::string>& warnings) {
  const Scratch scratch;
  const std::string name = stem + ".gp";
  const auto output = scratch.path() / (stem + "." + format);
  hand_over(script_text(script, stem, {format}), scratch.path() / name);
  const ProcessResult result = start_gnuplot(scratch.path(), name, seconds);
  if (!result.ok()) throw Error(failure(result, name, format));
  std::error_code error;
  if (!std::filesystem::exists(output, error)) {
    throw Error("gnuplot wrote nothing" + (result.err.empty() ? "" : ": " + one_line(result.err)));
  }
  std::string bytes = read_file(output);
  if (!is_whole(bytes, format)) {
    throw Error(fmt::format("gnuplot left it incomplete, {} bytes; is {} full?", bytes.size(),
                            scratch.path().parent_path().string()));
  }
  for (const auto& remark : remarks(result.err, name)) {
    const std::string warning = "gnuplot says " + remark;
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
  }
  if (format == "pdf") return read_with_fixed_date(output);
  return format == "png" ? with_resolution(std::move(bytes), script.dpi) : bytes;
}

}  // namespace

std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : one_line(text)) quoted += c == '\'' ? R"('."\047".')" : std::string(1, c);
  return quoted + "'";
}

std::string number(double value) { return std::isnan(value) ? "NaN" : fmt::format("{}", value); }

Drawing draw_script(const Script& script, const std::filesystem::path& folder, const std::string& stem,
                    const std::vector<std::string>& formats, double seconds) {
  const auto path = folder / (stem + ".gp");
  write_file_durably(path, script_text(script, stem, formats));
  Drawing drawing;
  drawing.warnings = script.warnings;
  if (const auto missing = missing_glyphs(fmt::format("{}", fmt::join(script.commands, "\n"))); !missing.empty()) {
    drawing.warnings.push_back(fmt::format("no font has {}", fmt::join(missing, " ")));
  }
  std::map<std::string, std::vector<std::string>> undrawn;  // by reason
  std::vector<std::string> drawn;
  std::string no_gnuplot;
  for (const auto& format : formats) {
    const auto output = folder / (stem + "." + format);
    try {
      if (!no_gnuplot.empty()) throw Error(no_gnuplot);
      write_file_durably(output, draw_format(script, stem, format, seconds, drawing.warnings));
      drawing.files.push_back(output);
      drawn.push_back(format);
    } catch (const Error& error) {
      if (dynamic_cast<const NoGnuplot*>(&error)) no_gnuplot = error.what();
      undrawn[error.what()].push_back(format);
      std::error_code ignored;
      std::filesystem::remove(output, ignored);  // of an earlier run
    }
  }
  // A format that this gnuplot lacks would stop the script before those that it has.
  if (!drawn.empty() && drawn.size() < formats.size()) write_file_durably(path, script_text(script, stem, drawn));
  drawing.files.push_back(path);
  for (const auto& [reason, lost] : undrawn) {
    drawing.problems.push_back(fmt::format("{}: no {}: {}", path.string(), fmt::join(lost, ", "), reason));
  }
  return drawing;
}

}  // namespace klbench

#include "plotting/script.h"

#include <fmt/format.h>
#include <gnuplot-iostream.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <sstream>

#include "core/error.h"
#include "core/log.h"
#include "core/process.h"

namespace klbench {

namespace {

/// Same physical size and the same 8 pt text in all formats; PNG at 220 pixels per inch, SVG at 96. The scales
/// below were found by measuring: the Cairo terminals count a font's point as 1/54 inch.
std::string terminal(const std::string& format, double width, double height) {
  constexpr double kPngScale = 220.0 / 72;
  constexpr double kSvgScale = 96.0 / 72;
  const auto pixels = [](double inches, double scale) { return std::lround(inches * scale * 72); };
  if (format == "png") {
    return fmt::format(
        "set terminal pngcairo noenhanced size {},{} font 'DejaVu Sans,8' fontscale {:.4f} linewidth {:.4f} "
        "pointscale {:.4f} background rgb 'white'",
        pixels(width, kPngScale), pixels(height, kPngScale), kPngScale * 0.75, kPngScale * 0.75, kPngScale * 0.75);
  }
  if (format == "svg") {
    return fmt::format(
        "set terminal svg noenhanced size {},{} font 'DejaVu Sans,8' fontscale {:.4f} linewidth {:.4f} "
        "background rgb 'white'",
        pixels(width, kSvgScale), pixels(height, kSvgScale), kSvgScale, kSvgScale * 0.75);
  }
  return fmt::format(
      "set terminal pdfcairo noenhanced size {:.3f}in,{:.3f}in font 'DejaVu Sans,8' fontscale 0.75 linewidth 1.9 "
      "pointscale 0.9",
      width, height);
}

}  // namespace

std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : one_line(text)) quoted += c == '\'' ? R"('."\047".')" : std::string(1, c);
  return quoted + "'";
}

std::string number(double value) { return std::isnan(value) ? "NaN" : fmt::format("{}", value); }

std::filesystem::path write_script(const Script& script, const std::filesystem::path& folder, const std::string& stem,
                                   const std::vector<std::string>& formats) {
  const std::filesystem::path path = folder / (stem + ".gp");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::FILE* file = error ? nullptr : std::fopen(path.c_str(), "we");
  if (!file) {
    throw Error(fmt::format("{}: cannot write: {}", path.string(), error ? error.message() : std::strerror(errno)));
  }
  gnuplotio::Gnuplot gnuplot(file);
  gnuplot << "# Redraw with: gnuplot " << stem << ".gp\nset encoding utf8\n";
  for (std::size_t i = 0; i < script.data.size(); ++i) {
    gnuplot << "# " << quote(script.data[i].comment) << " .\n$d" << i << " << EOD\n";
    for (const auto& row : script.data[i].rows) {
      for (std::size_t j = 0; j < row.size(); ++j) gnuplot << (j > 0 ? " " : "") << number(row[j]);
      gnuplot << "\n";
    }
    gnuplot << "EOD\n";
  }
  for (const auto& format : formats) {
    gnuplot << "\n" << terminal(format, script.width, script.height) << "\n";
    gnuplot << "set output " << quote(stem + "." + format) << "\n";
    for (const auto& command : script.commands) gnuplot << command << "\n";
    gnuplot << "unset output\n";
  }
  gnuplot.flush();
  if (!gnuplot.good()) throw Error(fmt::format("{}: cannot write the script", path.string()));
  return path;
}

std::vector<std::filesystem::path> run_gnuplot(const std::filesystem::path& script,
                                               const std::vector<std::string>& formats) {
  std::vector<std::filesystem::path> outputs;
  for (const auto& format : formats) {
    outputs.push_back(std::filesystem::path(script).replace_extension(format));
    std::filesystem::remove(outputs.back());
  }
  const std::string folder = script.has_parent_path() ? script.parent_path().string() : ".";
  // --default-settings: no start-up file of the user or the system changes the figure. In the C locale gnuplot warns
  // that it cannot write UTF-8.
  const ProcessResult result = run_process({"gnuplot", "--default-settings", script.filename().string()},
                                           {.folder = folder, .environment = {"LC_ALL=C.UTF-8"}});
  std::string message;
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);) {
    const bool from_gnuplot = line.find(script.filename().string()) != std::string::npos;
    if (from_gnuplot) message += (message.empty() ? "" : "; ") + one_line(line);
    if (!from_gnuplot && !line.empty()) spdlog::debug("gnuplot: {}", one_line(line));  // fontconfig, echoed commands
  }
  if (message.empty() && !result.ok()) message = one_line(result.err);
  if (!message.empty() || !result.ok()) {
    for (const auto& output : outputs) std::filesystem::remove(output);  // none is better than half of one
    throw Error(fmt::format("{}: gnuplot failed (exit code {}{}): {}", script.string(), result.exit_code,
                            result.signal ? fmt::format(", signal {}", result.signal) : "", message));
  }
  for (const auto& output : outputs) {
    std::error_code error;
    if (std::filesystem::file_size(output, error) == 0 || error) {
      throw Error(
          fmt::format("{}: gnuplot left {} unwritten: {}", script.string(), output.string(), one_line(result.err)));
    }
  }
  return outputs;
}

}  // namespace klbench

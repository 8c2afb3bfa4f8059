#include "plotting/figure.h"

#include <fmt/format.h>

#include <cmath>

#include "plotting/style.h"
#include "validation/results.h"

namespace klbench::testing {

namespace {

const std::vector<std::string> kColours = {"#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00"};

using Xs = double (*)(const Line&);
using Ys = double (*)(const Line&);

double by_truth(const Line& line) { return line.truth; }
double by_model_mi(const Line& line) { return line.place.mi; }
double by_n(const Line& line) { return static_cast<double>(line.place.n); }
double by_k(const Line& line) { return static_cast<double>(line.place.k); }
double its_mean(const Line& line) { return line.mean(); }
double its_bias(const Line& line) { return line.bias(); }

/// A panel with a legend of its own, at a place in gnuplot's words ("bottom right").
class ValidationPanel {
 public:
  ValidationPanel(Figure& figure, const std::string& title, const std::string& x, const std::string& y,
                  const std::string& key)
      : figure_(figure) {
    panel_.title = title;
    panel_.x_label = x;
    panel_.y_label = y;
    panel_.settings = {fmt::format("set key inside {} Left reverse samplen 1.4 spacing 0.95 font ',6.5'", key)};
  }

  /// Mean and, as bars, the spread over repetitions; what a log axis cannot show is left out.
  void add(const std::string& name, const std::vector<Line>& lines, Xs x, Ys y, bool hollow = false) {
    Rows rows;
    for (const auto& line : lines) {
      const double value = y(line), spread = line.spread();
      if (panel_.log_y && value <= 0) continue;
      const double low = panel_.log_y ? std::max(value - spread, value / 3) : value - spread;
      rows.push_back({x(line), value, low, value + spread});
      x_.push_back(x(line));
      y_.insert(y_.end(), {low, value + spread});
    }
    if (rows.empty()) return;
    const Style style{kColours[lines_++ % kColours.size()], hollow ? 6 : 7, hollow ? "(6,4)" : "solid"};
    const auto data = figure_.add(fmt::format("{}, {}: x, mean, low, high", panel_.title, name), rows);
    panel_.plots.push_back(
        fmt::format("{} using 1:2:3:4 with yerrorbars pt 0 lw 0.8 lc rgb '{}' notitle", data, style.colour));
    panel_.plots.push_back(fmt::format("{} using 1:2 with linespoints {} pt {} ps 0.5 title {}", data, style.line(1.3),
                                       style.point, quote(name)));
  }

  void guide(const std::string& function) {
    panel_.plots.push_back(fmt::format("{} with lines lw 0.9 dt (10,6) lc rgb '#888888' notitle", function));
  }

  Panel& panel() { return panel_; }

  /// `room`: of the panel's height, below everything drawn, for the legend (log axes).
  void finish(bool from_zero = false, double room = 0) {
    panel_.x = range_of(x_, panel_.log_x);
    panel_.y = range_of(y_, panel_.log_y, from_zero);
    if (room > 0) panel_.y.low *= std::pow(panel_.y.low / panel_.y.high, room / (1 - room));
    figure_.panels.push_back(panel_);
  }

 private:
  Figure& figure_;
  Panel panel_;
  std::vector<double> x_, y_;
  std::size_t lines_ = 0;
};

void draw_mi(const Results& results, Figure& figure) {
  ValidationPanel by_size(figure, "A  mi, d = 8", "true mutual information (nats)", "estimate (nats)", "bottom right");
  by_size.guide("x");
  for (const std::int64_t n : {300, 1000, 3000}) {
    by_size.add(fmt::format("N = {} (ln N {:.1f})", n, std::log(static_cast<double>(n))),
                results.of("mi", [&](const Place& at) { return at.posterior == "own" && at.d == 8 && at.n == n; }),
                by_truth, its_mean);
  }
  by_size.add(
      "mi_batch (ln 64 = 4.2)",
      results.of("mi_batch", [](const Place& at) { return at.posterior == "own" && at.d == 8 && at.n == 3000; }),
      by_truth, its_mean, true);
  by_size.finish(true);
  ValidationPanel by_dimension(figure, "B  bias of mi, N = 1,000", "true mutual information (nats)", "bias (nats)",
                               "bottom left");
  by_dimension.guide("0");
  for (const std::int64_t d : {2, 8, 32}) {
    by_dimension.add(
        fmt::format("d = {}", d),
        results.of("mi", [&](const Place& at) { return at.posterior == "own" && at.d == d && at.n == 1000; }), by_truth,
        its_bias);
  }
  by_dimension.finish();
}

void draw_marginal(const Results& results, Figure& figure) {
  ValidationPanel none(figure, "C  marginal KL, truth 0, N = 1,000", "true mutual information (nats)",
                       "estimate (nats)", "bottom right");
  none.panel().log_y = true;
  const auto own = [](std::int64_t d) {
    return [d](const Place& at) { return at.posterior == "own" && at.d == d && at.n == 1000; };
  };
  for (const std::int64_t d : {2, 32}) {
    none.add(fmt::format("kl - mi, d = {}", d), results.of("marginal_kl_gap", own(d)), by_model_mi, its_mean);
    none.add(fmt::format("Gaussian, d = {}", d), results.of("marginal_kl_gaussian", own(d)), by_model_mi, its_mean,
             true);
  }
  none.finish();
}

void draw_nll(const Results& results, Figure& figure) {
  ValidationPanel panel(figure, "D  nll - exact, by the variance of q", "importance samples K", "bias (nats)",
                        "bottom left");
  panel.panel().log_x = panel.panel().log_y = true;
  const auto where = [](const std::string& posterior, std::int64_t d) {
    return [posterior, d](const Place& at) {
      return at.model == "linear-Gaussian" && at.posterior == posterior && at.d == d;
    };
  };
  panel.add("half the variance, d = 8", results.of("nll - exact", where("half the variance", 8)), by_k, its_bias);
  panel.add("half the variance, d = 32", results.of("nll - exact", where("half the variance", 32)), by_k, its_bias);
  panel.add("twice the variance, d = 8", results.of("nll - exact", where("twice the variance", 8)), by_k, its_bias,
            true);
  panel.add("twice the variance, d = 32", results.of("nll - exact", where("twice the variance", 32)), by_k, its_bias,
            true);
  panel.add("phrases, d = 2",
            results.of("nll - exact", [](const Place& at) { return at.model == "phrases" && at.d == 2; }), by_k,
            its_bias);
  panel.finish(false, 0.25);
}

void draw_units(const Results& results, Figure& figure) {
  ValidationPanel panel(figure, "E  units, a ladder of 32", "examples N", "count - true count", "bottom right");
  panel.panel().log_x = true;
  panel.guide("0");
  const auto ladder = [](const Place& at) { return at.posterior == "ladder"; };
  panel.add("au", results.of("au", ladder), by_n, its_bias);
  panel.add("decoder_au", results.of("decoder_au", ladder), by_n, its_bias, true);
  panel.finish();
}

void draw_phrases(const Results& results, Figure& figure) {
  ValidationPanel panel(figure, "F  phrases, d = 2", "examples N", "bias (nats)", "bottom right");
  panel.panel().log_x = true;
  panel.guide("0");
  const auto two = [](const Place& at) { return at.model == "phrases" && at.d == 2 && at.k == 0; };
  panel.add("mi", results.of("mi", two), by_n, its_bias);
  panel.add("mi_batch, B = 64", results.of("mi_batch", two), by_n, its_bias, true);
  panel.add("kl - mi", results.of("marginal_kl_gap", two), by_n, its_bias);
  panel.add("Gaussian", results.of("marginal_kl_gaussian", two), by_n, its_bias, true);
  panel.finish();
}

/// Bias at N = 1,000 by the truth of mi, where posteriors are the model's own and where they are `other`.
void draw_part(const Results& results, Figure& figure, const std::string& title, const std::string& estimator,
               const std::string& other) {
  ValidationPanel panel(figure, title, "mi of the model's own posterior (nats)", "bias (nats)", "top left");
  panel.guide("0");
  for (const std::string& posterior : {std::string("own"), other}) {
    for (const std::int64_t d : {2, 32}) {
      panel.add(fmt::format("{}, d = {}", posterior, d),
                results.of(estimator,
                           [&](const Place& at) { return at.posterior == posterior && at.d == d && at.n == 1000; }),
                by_model_mi, its_bias, posterior == other);
    }
  }
  panel.finish();
}

void draw_rate(const Results& results, Figure& figure) {
  ValidationPanel panel(figure, "I  rate_used, d = 32, N = 200", "importance samples K", "bias (nats)", "top right");
  panel.panel().log_x = true;
  panel.guide("0");
  for (const std::string posterior : {"own", "hole", "twice the variance", "half the variance"}) {
    panel.add(posterior,
              results.of("rate_used",
                         [&](const Place& at) { return at.posterior == posterior && at.d == 32 && at.n == 200; }),
              by_k, its_bias);
  }
  panel.finish();
}

}  // namespace

Drawing draw_validation(const Results& results, const std::filesystem::path& folder) {
  Figure figure;
  figure.title = "Estimators where the truth is known";
  figure.columns = 3;
  figure.panel_width = 2.4;
  figure.panel_height = 2.0;
  draw_mi(results, figure);
  draw_marginal(results, figure);
  draw_nll(results, figure);
  draw_units(results, figure);
  draw_phrases(results, figure);
  draw_part(results, figure, "G  total correlation, N = 1,000", "total_correlation", "correlated");
  draw_part(results, figure, "H  dimension KL, N = 1,000", "dimension_kl", "hole");
  draw_rate(results, figure);
  figure.notes = {
      "mean and standard deviation over 10 repetitions (E and F: 20), each with other examples and draws; mi with 8 "
      "draws",
      "values <= 0 are not on log axes"};
  return draw_script(layout(figure), folder, "metric_validation", {"png"});
}

}  // namespace klbench::testing

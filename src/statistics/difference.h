#pragma once

#include <cstddef>
#include <vector>

namespace klbench {

/// Paired differences D_si = a_si - b_si of two rows of a table: seeds s = 1..S that both trained with, examples
/// i = 1..N that both were evaluated on, row-major. A metric that is no mean over examples, or is known by seed alone,
/// has N = 1.
struct PairedDifferences {
  std::size_t seeds = 0;
  std::size_t examples = 1;
  std::vector<double> values;
};

struct Interval {
  double low = 0;
  double high = 0;
};

/// What the data say about the difference delta between two methods: its mean over trainings (seeds) and, where N > 1,
/// over sentences like those of the test split; with N = 1 delta is that on this very split.
///
/// Seeds are crossed with examples, D_si = delta + u_s + v_i + w_si. With means D_s., D_.i, D..:
///   S_u^2 = sum_s (D_s. - D..)^2 / (S - 1)                           estimates sigma_u^2 + sigma_w^2 / N
///   S_v^2 = sum_i (D_.i - D..)^2 / (N - 1)                           estimates sigma_v^2 + sigma_w^2 / S
///   S_w^2 = sum_si (D_si - D_s. - D_.i + D..)^2 / ((S - 1)(N - 1))   estimates sigma_w^2
/// The hierarchical bootstrap that draws seeds and examples anew (Owen, Ann. Appl. Stat. 2007) gives D.. the variance
///   (S - 1)/S S_u^2 / S + (N - 1)/N S_v^2 / N + (S - 1)(N - 1)/(S N) S_w^2 / (S N):
/// a closed form, which needs no draws. It is too small for few seeds, and so are its tails: three seeds' quantiles
/// hold the truth in 3 of 4 studies. Hence without bias, and with a quantile of Student's t for each part of it:
///   E_u = S_u^2 / S,  E_v = max(0, S_v^2 - S_w^2 / S) / N,  se^2 = E_u + E_v,
///   |D.. - delta| <= sqrt(t_{S-1}^2 E_u + t_{N-1}^2 E_v) with at least the quantiles' probability (Banerjee 1961).
/// Welch and Satterthwaite's single t is shorter and with three seeds and Holm's correction finds too much.
/// With N = 1 this is Student's paired t-test. Without any spread all mass is at D...
class Difference {
 public:
  /// Throws Error for fewer than two seeds, no example, or values of another count.
  explicit Difference(const PairedDifferences& data);

  double mean() const { return mean_; }  ///< D..
  double standard_error() const;         ///< se
  std::size_t seeds() const { return seeds_; }
  std::size_t examples() const { return examples_; }

  /// Two-sided.
  Interval interval(double level = 0.95) const;
  /// Two-sided p value of delta = 0: the level whose interval ends there.
  double p_value() const;
  /// p value of the two one-sided tests (TOST) that |delta| >= margin, the larger of the two. Small: equivalent within
  /// the margin. Throws Error unless margin > 0.
  double equivalence_p_value(double margin) const;
  /// The smallest |delta| that the two-sided test at `level` finds with probability `power`: lambda se with
  /// P(T > c) = power for noncentral t with noncentrality lambda, c se the half width of the interval of 1 - level,
  /// and degrees of freedom se^4 / (E_u^2 / (S - 1) + E_v^2 / (N - 1)).
  double detectable(double level, double power = 0.8) const;

 private:
  double half_width(double level) const;
  double probability_above(double distance) const;

  std::size_t seeds_;
  std::size_t examples_;
  double mean_ = 0;
  double of_seeds_ = 0;     ///< E_u
  double of_examples_ = 0;  ///< E_v
};

}  // namespace klbench

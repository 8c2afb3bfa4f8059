#include "config/figures.h"
#include "plotting/kinds/results_table.h"

namespace klbench {

namespace {

/// kl = mi + total_correlation + dimension_kl, of which the last two are the marginal KL.
Table make_surgery(const Request& request) {
  for (const char* part : {"mi", "total_correlation"}) request.require_final(part);
  return results_table(request, {"kl", "mi", "total_correlation", "dimension_kl", "marginal_kl_gap"});
}

KLBENCH_FIGURE(make_surgery, {.spec = {.key = "surgery",
                                       .summary = "a table of the parts of the KL: information, total correlation, "
                                                  "dimension-wise KL",
                                       .paper = "Hoffman and Johnson 2016; Chen et al., NeurIPS 2018"},
                              .takes = {"split"}});

}  // namespace

}  // namespace klbench

#include "regularizers/regularizer.h"

#include <limits>

namespace klbench {

double Regularizer::kl_floor_nominal(std::int64_t /*d*/) const { return std::numeric_limits<double>::quiet_NaN(); }

}  // namespace klbench

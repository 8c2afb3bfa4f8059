#pragma once

#include "plotting/geometry.h"

namespace klbench {

/// The box of that size, inches, in the corner of the first panel where the fewest of its points and lines lie.
Box emptiest_corner(const Figure& figure, const Box& panel, double width, double height);

}  // namespace klbench

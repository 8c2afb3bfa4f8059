#pragma once

#include "plotting/geometry.h"

namespace klbench {

/// A box of that size, inches, at the edge of the first panel that hides nothing of its data (Panel::helping); nothing
/// where each would.
std::optional<Box> empty_corner(const Figure& figure, const Box& panel, double width, double height);

}  // namespace klbench

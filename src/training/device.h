#pragma once

#include <string>

namespace klbench {

/// Throws UsageError where trainer.device names a card and this LibTorch sees none.
void check_device(const std::string& name);

}  // namespace klbench

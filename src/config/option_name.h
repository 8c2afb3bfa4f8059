#pragma once

#include <string>

namespace klbench {

/// "tau" of "regularizer.sym_bn_vae.tau"; a name without a dot is itself.
inline std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }  // npos + 1 is 0

}  // namespace klbench

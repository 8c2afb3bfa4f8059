#include "core/build_info.h"

#include "klbench_revision.h"

namespace klbench {

std::string version() { return KLBENCH_VERSION; }
std::string git_revision() { return KLBENCH_REVISION; }

}  // namespace klbench

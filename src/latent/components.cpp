#include "latent/family.h"
#include "latent/prior.h"

namespace klbench {

FamilyRegistry& FamilyRegistry::instance() {
  static FamilyRegistry registry;
  return registry;
}

PriorRegistry& PriorRegistry::instance() {
  static PriorRegistry registry;
  return registry;
}

}  // namespace klbench

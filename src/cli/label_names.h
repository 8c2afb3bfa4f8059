#pragma once

#include "storage/records.h"

namespace klbench {

/// Gives latents of earlier versions, which lack them, the names of their labels (attribute label_names), as far as
/// their data are there and are still the same.
void add_label_names(StudyResult& study);

}  // namespace klbench

#pragma once

#include "config/component_template.h"

namespace klbench {

/// A study that runs as it is in a minute, with @key@ for its name.
extern const char* const kStudyTemplate;

// One file each.
extern const ComponentTemplate kRegularizerTemplate;
extern const ComponentTemplate kDatasetTemplate;
extern const ComponentTemplate kEncoderTemplate;
extern const ComponentTemplate kDecoderTemplate;
extern const ComponentTemplate kFamilyTemplate;
extern const ComponentTemplate kPriorTemplate;
extern const ComponentTemplate kMetricTemplate;
extern const ComponentTemplate kFigureTemplate;

}  // namespace klbench

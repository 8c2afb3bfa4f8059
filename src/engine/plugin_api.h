/// What an out-of-tree plugin includes: the interfaces of components, their registration, and the mark of the interface
/// it was compiled against. A plugin is a shared library linked to klbench::klbench with KLBENCH_PLUGIN once and, for
/// each component, KLBENCH_REGULARIZER, DatasetRegistrar, KLBENCH_ENCODER, KLBENCH_DECODER, KLBENCH_FAMILY,
/// KLBENCH_PRIOR, KLBENCH_METRIC or KLBENCH_FIGURE.
#pragma once

#include <torch/version.h>

#include "config/figures.h"
#include "core/build_info.h"
#include "data/dataset.h"
#include "latent/family.h"
#include "latent/prior.h"
#include "metrics/metric.h"
#include "models/decoder.h"
#include "models/encoder.h"
#include "models/prefix_decoder.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"
#include "regularizers/batch_norm.h"
#include "regularizers/registry.h"
#include "regularizers/regularizer.h"
#include "regularizers/state.h"

namespace klbench {

/// What a plugin was compiled against; plain C, since the rest is only safe to touch once this agrees.
struct PluginAbi {
  int api_version;            ///< kPluginApiVersion
  const char* torch_version;  ///< TORCH_VERSION
  const char* cxx_abi;        ///< KLBENCH_CXX_ABI
};

}  // namespace klbench

#define KLBENCH_TEXT_(x) #x
#define KLBENCH_TEXT(x) KLBENCH_TEXT_(x)
/// The C++ ABI of the translation unit: the compiler's and the library's.
#define KLBENCH_CXX_ABI "g++ " KLBENCH_TEXT(__GXX_ABI_VERSION) ", cxx11 " KLBENCH_TEXT(_GLIBCXX_USE_CXX11_ABI)

/// Once in a plugin, outside namespaces.
#define KLBENCH_PLUGIN                                                                                   \
  extern "C" __attribute__((visibility("default"))) const ::klbench::PluginAbi* klbench_plugin_abi() {   \
    static const ::klbench::PluginAbi abi{::klbench::kPluginApiVersion, TORCH_VERSION, KLBENCH_CXX_ABI}; \
    return &abi;                                                                                         \
  }

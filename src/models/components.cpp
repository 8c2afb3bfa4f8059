#include "models/decoder.h"
#include "models/encoder.h"

namespace klbench {

EncoderRegistry& EncoderRegistry::instance() {
  static EncoderRegistry registry;
  return registry;
}

DecoderRegistry& DecoderRegistry::instance() {
  static DecoderRegistry registry;
  return registry;
}

}  // namespace klbench

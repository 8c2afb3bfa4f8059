#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace klbench {

/// What regularizers and priors may need of a model (ComponentSpec::needs), and encoders and decoders offer
/// (ComponentSpec::offers), beside kExpectedImage and kWordStates of decoders. Of an encoder:
inline constexpr const char* kPooledStates = "the mean or maximum over its states";  ///< EncoderRequest::pooling
inline constexpr const char* kWordVectors = "vectors in the place of words";         ///< Encoder::word_size
/// Of a decoder:
inline constexpr const char* kSkipConnection = "z beside its output";  ///< DecoderRequest::skip
/// What a decoder that cannot do without z needs.
inline constexpr const char* kLatent = "a latent variable";

/// Whether `name` is among the needs or the offers of a component.
inline bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace klbench

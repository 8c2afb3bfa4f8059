#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "config/option_spec.h"

namespace klbench {

/// A file of TensorBoard: records "length, masked CRC-32C of it, Event, masked CRC-32C of that" as TensorFlow's
/// record_writer.h has them, the events as event.proto, summary.proto and the hparams plugin's plugin_data.proto.
class EventFile {
 public:
  EventFile();
  /// A point of the curve `tag`; values have 32 bits there.
  void scalar(const std::string& tag, std::int64_t step, double wall_time, double value);
  /// What the page HPARAMS shows the run under.
  void hyperparameters(const std::map<std::string, Value>& values);
  const std::string& bytes() const { return bytes_; }

 private:
  void add(std::string_view event);
  std::string bytes_;
};

}  // namespace klbench

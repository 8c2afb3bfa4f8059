#include "storage/event_file.h"

#include <array>
#include <cstring>

namespace klbench {

namespace {

/// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), rotated and shifted as the format wants it.
std::uint32_t masked_crc(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> of{};
    for (std::uint32_t i = 0; i < of.size(); ++i) {
      of[i] = i;
      for (int bit = 0; bit < 8; ++bit) of[i] = (of[i] >> 1) ^ (of[i] & 1 ? 0x82f63b78 : 0);
    }
    return of;
  }();
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

/// The number's own bytes, which are little-endian where klbench runs.
template <class Number>
std::string raw(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
  return bytes + static_cast<char>(number);
}

/// Fields of a protocol buffer: a key (number of the field, kind of what follows) and the value.
std::string key(unsigned field, unsigned kind) { return varint(field << 3 | kind); }
std::string integer(unsigned field, std::int64_t value) {
  return key(field, 0) + varint(static_cast<std::uint64_t>(value));
}
std::string real(unsigned field, double value) { return key(field, 1) + raw(value); }
std::string single(unsigned field, double value) { return key(field, 5) + raw(static_cast<float>(value)); }
std::string part(unsigned field, std::string_view bytes) {
  return (key(field, 2) + varint(bytes.size())).append(bytes);
}

/// google.protobuf.Value.
std::string any_value(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return part(3, *text);
  if (const auto* flag = std::get_if<bool>(&value)) return integer(4, *flag);
  const auto* whole = std::get_if<std::int64_t>(&value);
  return real(2, whole ? static_cast<double>(*whole) : std::get<double>(value));
}

/// Event{wall_time, step, summary: {value: [value]}}.
std::string event(double wall_time, std::int64_t step, std::string_view value) {
  return real(1, wall_time) + integer(2, step) + part(5, part(1, value));
}

}  // namespace

EventFile::EventFile() { add(real(1, 0) + part(3, "brain.Event:2")); }

void EventFile::add(std::string_view event) {
  const std::string size = raw(static_cast<std::uint64_t>(event.size()));
  bytes_.append(size + raw(masked_crc(size))).append(event).append(raw(masked_crc(event)));
}

void EventFile::scalar(const std::string& tag, std::int64_t step, double wall_time, double value) {
  add(event(wall_time, step, part(1, tag) + single(2, value)));
}

void EventFile::hyperparameters(const std::map<std::string, Value>& values) {
  const auto say = [&](const std::string& tag, const std::string& content) {
    add(event(0, 0, part(1, "_hparams_/" + tag) + part(9, part(1, part(1, "hparams") + part(2, content)))));
  };
  std::string start;  // SessionStartInfo
  for (const auto& [name, value] : values) start += part(1, part(1, name) + part(2, any_value(value)));
  constexpr std::int64_t kSuccess = 1;
  say("session_start_info", part(3, start));
  say("session_end_info", part(4, integer(1, kSuccess)));
}

}  // namespace klbench

#pragma once

#include <fmt/format.h>
#include <hdf5.h>

#include <string>

#include "core/error.h"

/// How the HDF5 wrappers turn error codes into exceptions; for storage/hdf5*.cpp only.
namespace klbench::hdf5 {

/// HDF5 prints nothing itself.
inline void silence_hdf5() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

/// The innermost message of HDF5's error stack.
inline std::string reason() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
        if (error->desc) *static_cast<std::string*>(out) = error->desc;
        return 1;
      },
      &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "" : " (HDF5: " + one_line(text) + ")";
}

/// `result`, or Error "place: cannot <what>" when a call that builds a file failed.
template <class T>
T made(T result, const std::string& place, const char* what) {
  if (result < 0) throw Error(fmt::format("{}: cannot {}{}", place, what, reason()));
  return result;
}

/// `result`, or UsageError "place: <what>" when a call that reads a file failed.
template <class T>
T got(T result, const std::string& place, const char* what) {
  if (result < 0) throw UsageError(fmt::format("{}: {}{}", place, what, reason()));
  return result;
}

/// Text that HDF5 would cut off at a NUL is refused.
inline void check_text(const std::string& text, const std::string& place) {
  if (text.find('\0') != std::string::npos) throw Error(place + ": text with a NUL character cannot be stored");
}

/// Names of groups and datasets.
inline void check_name(const std::string& name, const std::string& place) {
  check_text(name, place);
  if (name.empty() || name == "." || name.find('/') != std::string::npos) {
    throw Error(fmt::format("{}: '{}' cannot be a name in HDF5: it is empty or has a slash", place, one_line(name)));
  }
}

}  // namespace klbench::hdf5

#include "storage/set_aside.h"

#include <fmt/format.h>

#include "core/files.h"

namespace klbench {

std::filesystem::path set_aside(const std::filesystem::path& path) {
  std::filesystem::path to = path.string() + ".edited";
  std::error_code error;
  for (int number = 2; std::filesystem::exists(to, error); ++number) {
    to = fmt::format("{}.edited.{}", path.string(), number);
  }
  std::filesystem::rename(path, to, error);
  if (error) throw_io_error(path, "cannot be set aside", error.value());
  sync_folder(folder_of(path));
  return to;
}

}  // namespace klbench

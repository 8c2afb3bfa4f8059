#include "core/append.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/files.h"

namespace klbench {

void append_durably(const std::filesystem::path& path, std::string_view bytes) {
  create_folders(folder_of(path));
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode));
  if (file.get() < 0) throw_io_error(path, "cannot open", errno);
  write_all(file.get(), bytes, path);
  if (::fdatasync(file.get()) != 0) throw_io_error(path, "cannot sync", errno);
  sync_folder(folder_of(path));
}

}  // namespace klbench

#include <hdf5_hl.h>

#include "storage/hdf5.h"
#include "storage/hdf5_check.h"
#include "storage/seal.h"

namespace klbench::hdf5 {

namespace {

Handle create_in_memory(const std::string& place) {
  silence_hdf5();
  const Handle creation(H5Pcreate(H5P_FILE_CREATE));
  const Handle access(H5Pcreate(H5P_FILE_ACCESS));
  made(H5Pset_obj_track_times(creation.get(), false), place, "leave out times");
  made(H5Pset_userblock(creation.get(), kSealSize), place, "make the user block");
  made(H5Pset_istore_k(creation.get(), 1), place, "make small chunk indices");  // a dataset has one chunk
  made(H5Pset_fapl_core(access.get(), std::size_t{1} << 20, false), place, "build a file in memory");
  made(H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST), place, "choose the format");
  return Handle(
      made(H5Fcreate("klbench", H5F_ACC_TRUNC, creation.get(), access.get()), place, "build a file in memory"));
}

}  // namespace

Writer::Writer(std::string place)
    : file_(create_in_memory(place)),
      root_(Handle(made(H5Gopen2(file_.get(), "/", H5P_DEFAULT), place, "open the root group")), place + ": /") {}

std::string Writer::image() {
  made(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL), root_.place(), "finish the file");
  const auto size = made(H5Fget_file_image(file_.get(), nullptr, 0), root_.place(), "finish the file");
  std::string content(static_cast<std::size_t>(size), '\0');
  made(H5Fget_file_image(file_.get(), content.data(), content.size()), root_.place(), "finish the file");
  return make_seal(content) + content;
}

Reader::Reader(std::string bytes, std::string place) : bytes_(std::move(bytes)), place_(std::move(place)) {
  silence_hdf5();
  if (const std::string why = broken_seal(bytes_); !why.empty()) throw UsageError(place_ + ": " + why);
  file_ = Handle(
      got(H5LTopen_file_image(bytes_.data(), bytes_.size(), H5LT_FILE_IMAGE_DONT_COPY | H5LT_FILE_IMAGE_DONT_RELEASE),
          place_, "not a readable HDF5 file"));
}

Group Reader::root() const {
  return {Handle(got(H5Gopen2(file_.get(), "/", H5P_DEFAULT), place_, "unreadable root group")), place_ + ": /"};
}

}  // namespace klbench::hdf5

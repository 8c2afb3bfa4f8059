#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/option_spec.h"

/// HDF5 files as images in memory, over the C API. Nothing here touches a file system.
/// Errors name the file and the object: Error while building, UsageError while reading. Not for several threads.
namespace klbench::hdf5 {

/// Owns one HDF5 identifier of any kind.
class Handle {
 public:
  explicit Handle(hid_t id = -1) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) H5Idec_ref(id_);
  }
  hid_t get() const { return id_; }

 private:
  hid_t id_;
};

/// A group or dataset that knows its place for messages: "file.h5: /cells/ab".
class Object {
 public:
  Object(Handle handle, std::string place) : handle_(std::move(handle)), place_(std::move(place)) {}
  hid_t id() const { return handle_.get(); }
  const std::string& place() const { return place_; }

  /// Booleans as h5py's enumeration, numbers as 64 bits, text as UTF-8 of variable length (no limit of 64 KiB).
  void set(const std::string& name, const Value& value);
  /// All attributes of those kinds; others (the lists of dimension scales) are left out.
  std::map<std::string, Value> attributes() const;
  /// One attribute; throws UsageError when it is missing or of another kind.
  template <class T>
  T attribute(const std::string& name) const;

 private:
  Value any_attribute(const std::string& name) const;

  Handle handle_;
  std::string place_;
};

/// Numbers, or text of fixed length, compressed in chunks with fletcher32.
class Dataset : public Object {
 public:
  using Object::Object;
  /// Extent of each dimension.
  std::vector<std::size_t> shape() const;
  std::vector<double> reals() const;
  std::vector<float> singles() const;
  std::vector<std::int64_t> integers() const;
  std::vector<std::string> texts() const;
  /// Reads every chunk, whatever its type, so that fletcher32 is checked.
  void check() const;

  /// Makes this dataset a dimension scale.
  void make_scale(const std::string& name);
  /// Attaches `scale` to a dimension of this dataset.
  void attach(const Dataset& scale, unsigned dimension);
};

class Group : public Object {
 public:
  using Object::Object;

  Group create_group(const std::string& name);
  /// Compressed (shuffle, deflate): the same bytes for the same values and version of zlib. 1-D where `shape` is left
  /// out; otherwise row-major of that shape.
  Dataset create(const std::string& name, std::span<const double> values, const std::vector<std::size_t>& shape = {});
  Dataset create(const std::string& name, std::span<const float> values, const std::vector<std::size_t>& shape = {});
  Dataset create(const std::string& name, std::span<const std::int64_t> values,
                 const std::vector<std::size_t>& shape = {});
  Dataset create(const std::string& name, const std::vector<std::string>& values);

  bool has(const std::string& name) const;
  Group group(const std::string& name) const;
  Dataset dataset(const std::string& name) const;
  /// Names of the members, sorted.
  std::vector<std::string> members() const;
  bool is_group(const std::string& name) const;

 private:
  Dataset create_dataset(const std::string& name, hid_t file_type, hid_t memory_type, const void* values,
                         const std::vector<std::size_t>& shape);
  std::string child(const std::string& name) const;
};

/// Builds a file: low bound EARLIEST, no times, so that the same calls give the same bytes.
class Writer {
 public:
  /// `place`: what messages call the file.
  explicit Writer(std::string place);
  Group& root() { return root_; }
  /// The whole file, led by its seal (see seal.h).
  std::string image();

 private:
  Handle file_;
  Group root_;
};

/// Opens an image whose seal has been checked.
class Reader {
 public:
  /// Throws UsageError when the seal is broken (damage, truncation, not our file) or HDF5 cannot read the image.
  Reader(std::string bytes, std::string place);
  Group root() const;

 private:
  std::string bytes_;  ///< HDF5 reads from here: outlives file_
  std::string place_;
  Handle file_;
};

}  // namespace klbench::hdf5

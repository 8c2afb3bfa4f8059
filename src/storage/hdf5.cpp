#include "storage/hdf5.h"

#include <fmt/format.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "storage/hdf5_check.h"

namespace klbench::hdf5 {

namespace {

/// Types and property lists that every object shares.
struct Common {
  Handle text{H5Tcopy(H5T_C_S1)};
  Handle boolean{H5Tenum_create(H5T_NATIVE_INT8)};
  Handle scalar{H5Screate(H5S_SCALAR)};
  Handle group{H5Pcreate(H5P_GROUP_CREATE)};

  Common() {
    H5Tset_size(text.get(), H5T_VARIABLE);
    H5Tset_cset(text.get(), H5T_CSET_UTF8);
    for (const std::int8_t value : {std::int8_t{0}, std::int8_t{1}}) {
      H5Tenum_insert(boolean.get(), value ? "TRUE" : "FALSE", &value);
    }
    H5Pset_obj_track_times(group.get(), false);
  }
};

const Common& common() {
  static const auto* instance = new Common;  // HDF5 closes its identifiers at exit, possibly before our destructors
  return *instance;
}

struct Freed {
  void operator()(void* memory) const { H5free_memory(memory); }
};

std::string read_text(hid_t attribute, hid_t type, const std::string& place) {
  if (got(H5Tis_variable_str(type), place, "unreadable text") == 0) throw UsageError(place + ": unreadable text");
  char* raw = nullptr;
  got(H5Aread(attribute, common().text.get(), &raw), place, "unreadable text");
  const std::unique_ptr<char, Freed> text(raw);
  return raw ? raw : "";
}

/// The value of an open attribute; false when it is of no kind of ours.
bool read_value(hid_t attribute, const std::string& place, Value& value) {
  const Handle type(got(H5Aget_type(attribute), place, "unreadable attribute"));
  const Handle space(got(H5Aget_space(attribute), place, "unreadable attribute"));
  if (H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) return false;
  switch (H5Tget_class(type.get())) {
    case H5T_STRING:
      value = read_text(attribute, type.get(), place);
      return true;
    case H5T_ENUM: {
      std::int8_t number = 0;
      got(H5Aread(attribute, common().boolean.get(), &number), place, "unreadable attribute");
      value = number != 0;
      return true;
    }
    case H5T_INTEGER: {
      std::int64_t number = 0;
      got(H5Aread(attribute, H5T_NATIVE_INT64, &number), place, "unreadable attribute");
      value = number;
      return true;
    }
    case H5T_FLOAT: {
      double number = 0;
      got(H5Aread(attribute, H5T_NATIVE_DOUBLE, &number), place, "unreadable attribute");
      value = number;
      return true;
    }
    default:
      return false;
  }
}

struct AttributeWalk {
  const std::string& place;
  std::map<std::string, Value> values;
  std::exception_ptr error;
};

/// Called by HDF5, which no exception may cross.
herr_t visit_attribute(hid_t object, const char* name, const H5A_info_t*, void* data) {
  auto& walk = *static_cast<AttributeWalk*>(data);
  try {
    const std::string place = fmt::format("{}@{}", walk.place, name);
    const Handle attribute(got(H5Aopen(object, name, H5P_DEFAULT), place, "unreadable attribute"));
    Value value;
    if (read_value(attribute.get(), place, value)) walk.values.emplace(name, std::move(value));
    return 0;
  } catch (...) {
    walk.error = std::current_exception();
    return -1;
  }
}

}  // namespace

void Object::set(const std::string& name, const Value& value) {
  check_text(name, place_);
  const auto write = [&](hid_t file_type, hid_t memory_type, const void* data) {
    const Handle attribute(
        made(H5Acreate2(id(), name.c_str(), file_type, common().scalar.get(), H5P_DEFAULT, H5P_DEFAULT), place_,
             ("create attribute '" + name + "'").c_str()));
    made(H5Awrite(attribute.get(), memory_type, data), place_, ("write attribute '" + name + "'").c_str());
  };
  if (const auto* flag = std::get_if<bool>(&value)) {
    const std::int8_t number = *flag ? 1 : 0;
    write(common().boolean.get(), common().boolean.get(), &number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    write(H5T_STD_I64LE, H5T_NATIVE_INT64, integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    write(H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, real);
  } else {
    const auto& text = std::get<std::string>(value);
    check_text(text, place_ + "@" + name);
    const char* pointer = text.c_str();
    write(common().text.get(), common().text.get(), &pointer);
  }
}

std::map<std::string, Value> Object::attributes() const {
  AttributeWalk walk{place_, {}, nullptr};
  const herr_t result = H5Aiterate2(id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, visit_attribute, &walk);
  if (walk.error) std::rethrow_exception(walk.error);
  got(result, place_, "unreadable attributes");
  return std::move(walk.values);
}

Value Object::any_attribute(const std::string& name) const {
  const std::string place = place_ + "@" + name;
  const Handle attribute(got(H5Aopen(id(), name.c_str(), H5P_DEFAULT), place, "missing attribute"));
  Value value;
  if (!read_value(attribute.get(), place, value)) throw UsageError(place + ": not a single number or text");
  return value;
}

template <class T>
T Object::attribute(const std::string& name) const {
  Value value = any_attribute(name);
  if (!std::holds_alternative<T>(value)) throw UsageError(place_ + "@" + name + ": attribute of another type");
  return std::get<T>(std::move(value));
}
template bool Object::attribute<bool>(const std::string&) const;
template std::int64_t Object::attribute<std::int64_t>(const std::string&) const;
template double Object::attribute<double>(const std::string&) const;
template std::string Object::attribute<std::string>(const std::string&) const;

std::vector<std::size_t> Dataset::shape() const {
  const Handle space(got(H5Dget_space(id()), place(), "unreadable extent"));
  const int rank = got(H5Sget_simple_extent_ndims(space.get()), place(), "unreadable extent");
  std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
  got(H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr), place(), "unreadable extent");
  return {extent.begin(), extent.end()};
}

namespace {

std::size_t count(const std::vector<std::size_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

/// Elements of a dataset, refused when its extent is larger than what the file can hold for it.
std::size_t stored_count(const Dataset& dataset, std::size_t element_size) {
  constexpr hsize_t kDeflate = 1032;  // what deflate can make of zeros
  const std::size_t n = count(dataset.shape());
  if (n > H5Dget_storage_size(dataset.id()) * kDeflate / element_size) {
    throw UsageError(dataset.place() + ": values are missing");
  }
  return n;
}

template <class T>
std::vector<T> read_numbers(const Dataset& dataset, H5T_class_t wanted, hid_t memory_type) {
  const Handle type(got(H5Dget_type(dataset.id()), dataset.place(), "unreadable type"));
  if (H5Tget_class(type.get()) != wanted || H5Tget_size(type.get()) != sizeof(T)) {
    throw UsageError(dataset.place() + ": dataset of another type");
  }
  std::vector<T> values(stored_count(dataset, sizeof(T)));
  if (!values.empty()) {
    got(H5Dread(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), dataset.place(),
        "unreadable values");
  }
  return values;
}

}  // namespace

std::vector<double> Dataset::reals() const { return read_numbers<double>(*this, H5T_FLOAT, H5T_NATIVE_DOUBLE); }

std::vector<float> Dataset::singles() const { return read_numbers<float>(*this, H5T_FLOAT, H5T_NATIVE_FLOAT); }

std::vector<std::int64_t> Dataset::integers() const {
  return read_numbers<std::int64_t>(*this, H5T_INTEGER, H5T_NATIVE_INT64);
}

std::vector<std::string> Dataset::texts() const {
  const Handle type(got(H5Dget_type(id()), place(), "unreadable type"));
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0) {
    throw UsageError(place() + ": dataset of another type");
  }
  const std::size_t width = H5Tget_size(type.get());
  std::string all(stored_count(*this, width) * width, '\0');
  if (!all.empty()) {
    got(H5Dread(id(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()), place(), "unreadable values");
  }
  std::vector<std::string> values;
  for (std::size_t at = 0; at < all.size(); at += width) {
    const std::string_view padded = std::string_view(all).substr(at, width);
    values.emplace_back(padded.substr(0, padded.find('\0')));
  }
  return values;
}

void Dataset::check() const {
  const Handle type(got(H5Dget_type(id()), place(), "unreadable type"));
  const std::size_t size = H5Tget_size(type.get());
  std::vector<char> values(stored_count(*this, size) * size);
  if (!values.empty()) {
    got(H5Dread(id(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), place(), "unreadable values");
  }
}

void Dataset::make_scale(const std::string& name) {
  made(H5DSset_scale(id(), name.c_str()), place(), "make a dimension scale");
}

void Dataset::attach(const Dataset& scale, unsigned dimension) {
  made(H5DSattach_scale(id(), scale.id(), dimension), place(), "attach a dimension scale");
}

std::string Group::child(const std::string& name) const {
  return place().ends_with('/') ? place() + name : place() + "/" + name;
}

Group Group::create_group(const std::string& name) {
  check_name(name, place());
  return {Handle(made(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, common().group.get(), H5P_DEFAULT), child(name),
                      "create the group")),
          child(name)};
}

namespace {

/// Whole rows of at most 16 MiB.
std::vector<hsize_t> chunk_of(const std::vector<std::size_t>& shape, hid_t type) {
  constexpr hsize_t kLargest = hsize_t{16} << 20;
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  for (auto& size : chunk) size = std::max<hsize_t>(size, 1);
  const hsize_t row = std::accumulate(chunk.begin() + 1, chunk.end(), hsize_t{H5Tget_size(type)}, std::multiplies<>());
  chunk[0] = std::clamp<hsize_t>(kLargest / row, 1, chunk[0]);
  return chunk;
}

}  // namespace

Dataset Group::create_dataset(const std::string& name, hid_t file_type, hid_t memory_type, const void* values,
                              const std::vector<std::size_t>& shape) {
  constexpr unsigned kDeflateLevel = 6;
  check_name(name, place());
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  const std::vector<hsize_t> chunk = chunk_of(shape, file_type);
  const int rank = static_cast<int>(extent.size());
  const Handle space(made(H5Screate_simple(rank, extent.data(), nullptr), child(name), "make the extent"));
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  made(H5Pset_obj_track_times(properties.get(), false), child(name), "leave out times");
  made(H5Pset_chunk(properties.get(), rank, chunk.data()), child(name), "make chunks");
  made(H5Pset_shuffle(properties.get()), child(name), "shuffle");
  made(H5Pset_deflate(properties.get(), kDeflateLevel), child(name), "compress");
  made(H5Pset_fletcher32(properties.get()), child(name), "add checksums");
  made(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), child(name), "leave out fill values");
  Dataset dataset(
      Handle(made(H5Dcreate2(id(), name.c_str(), file_type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                  child(name), "create the dataset")),
      child(name));
  if (count(shape) > 0) {
    made(H5Dwrite(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), child(name), "write the values");
  }
  return dataset;
}

namespace {

std::vector<std::size_t> shape_or(const std::vector<std::size_t>& shape, std::size_t size) {
  return shape.empty() ? std::vector{size} : shape;
}

}  // namespace

Dataset Group::create(const std::string& name, std::span<const double> values, const std::vector<std::size_t>& shape) {
  return create_dataset(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), shape_or(shape, values.size()));
}

Dataset Group::create(const std::string& name, std::span<const float> values, const std::vector<std::size_t>& shape) {
  return create_dataset(name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data(), shape_or(shape, values.size()));
}

Dataset Group::create(const std::string& name, std::span<const std::int64_t> values,
                      const std::vector<std::size_t>& shape) {
  return create_dataset(name, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data(), shape_or(shape, values.size()));
}

Dataset Group::create(const std::string& name, const std::vector<std::string>& values) {
  std::size_t width = 1;
  for (const auto& value : values) width = std::max(width, value.size());
  std::string all(width * values.size(), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    check_text(values[i], child(name));
    values[i].copy(all.data() + i * width, width);
  }
  const Handle type(H5Tcopy(H5T_C_S1));
  made(H5Tset_size(type.get(), width), child(name), "make the type");
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  return create_dataset(name, type.get(), type.get(), all.data(), {values.size()});
}

bool Group::has(const std::string& name) const { return H5Lexists(id(), name.c_str(), H5P_DEFAULT) > 0; }

Group Group::group(const std::string& name) const {
  return {Handle(got(H5Gopen2(id(), name.c_str(), H5P_DEFAULT), child(name), "missing or unreadable group")),
          child(name)};
}

Dataset Group::dataset(const std::string& name) const {
  return {Handle(got(H5Dopen2(id(), name.c_str(), H5P_DEFAULT), child(name), "missing or unreadable dataset")),
          child(name)};
}

std::vector<std::string> Group::members() const {
  std::vector<std::string> names;
  const auto visit = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  got(H5Literate(id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, visit, &names), place(), "unreadable group");
  return names;
}

bool Group::is_group(const std::string& name) const {
  const Handle object(got(H5Oopen(id(), name.c_str(), H5P_DEFAULT), child(name), "missing or unreadable object"));
  return H5Iget_type(object.get()) == H5I_GROUP;
}

}  // namespace klbench::hdf5

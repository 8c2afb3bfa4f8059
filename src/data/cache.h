#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "data/dataset.h"

namespace klbench {

/// Words, labels and sentences, or shape, labels and pixels, as bytes (little-endian); Dataset::hash is the content
/// hash of these.
std::string dataset_bytes(const Dataset& data);

/// Inverse of dataset_bytes; null where the bytes are cut, too long, or not consistent (every token a word, every label
/// a name, offsets ascending, pixels of whole images).
std::shared_ptr<Dataset> parse_dataset(std::string_view bytes);

/// Hash of dataset key, resolved options, hash of the sources and version of the datasets' code.
std::string dataset_key(const std::string& dataset, const Options& options, const std::string& source_hash);

/// Where the data of a key is cached, under cache_folder().
std::filesystem::path dataset_path(const std::string& key);

/// Maps cached data into memory and checks magic, key, checksum and consistency; null where there is none or it is
/// damaged.
std::shared_ptr<Dataset> read_dataset(const std::filesystem::path& path, const std::string& key);

/// Writes a cache file, whole or not at all; a failure is only logged, since the cache is a convenience. `bytes`: the
/// dataset_bytes of `data`.
void store_dataset(const std::filesystem::path& path, const std::string& key, const Dataset& data,
                   std::string_view bytes) noexcept;

}  // namespace klbench

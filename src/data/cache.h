#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "data/dataset.h"

namespace klbench {

/// Words, labels and sentences of `corpus` as bytes (little-endian); TextCorpus::hash is the content hash of these.
std::string corpus_bytes(const TextCorpus& corpus);

/// Inverse of corpus_bytes; nothing where the bytes are cut, too long, or not a consistent corpus (every token a word,
/// every label a name, offsets ascending).
std::optional<TextCorpus> parse_corpus(std::string_view bytes);

/// Hash of dataset key, resolved options, hash of the sources and version of the datasets' code.
std::string corpus_key(const std::string& dataset, const Options& options, const std::string& source_hash);

/// Where the corpus of a key is cached, under cache_folder().
std::filesystem::path corpus_path(const std::string& key);

/// Maps a cached corpus into memory and checks magic, key, checksum and consistency; nothing where there is none or it
/// is damaged.
std::optional<TextCorpus> read_corpus(const std::filesystem::path& path, const std::string& key);

/// Writes a cache file, whole or not at all; a failure is only logged, since the cache is a convenience. `bytes`: the
/// corpus_bytes of `corpus`.
void store_corpus(const std::filesystem::path& path, const std::string& key, const TextCorpus& corpus,
                  std::string_view bytes) noexcept;

}  // namespace klbench

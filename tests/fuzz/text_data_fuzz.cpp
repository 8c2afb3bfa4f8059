#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "data/cache.h"
#include "data/text/json_lines.h"
#include "data/text/text_lines.h"
#include "data/text/text_source.h"
#include "data/text/tokenizer.h"
#include "data/text/vocabulary_file.h"

namespace {

template <class Read>
void read(const Read& reader) {
  try {
    reader();
  } catch (const klbench::UsageError&) {
  }
}

}  // namespace

/// Any bytes are sentences, a vocabulary, running text and a cached corpus, or a UsageError. The first byte chooses how
/// lines are read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  klbench::LineFormat format;
  format.label_column = data[0] % 2 != 0;
  format.max_length = 1 + data[0] / 8;
  format.on_long = static_cast<klbench::LineFormat::OnLong>(data[0] / 2 % 3);
  read([&] {
    klbench::WordTable words;
    klbench::WordTable labels;
    const auto text = klbench::source_text(bytes, "data.txt");
    const auto lines = klbench::parse_lines(text, "data.txt", format, words, labels);
    if (lines.kept.size() + 1 != lines.sentences.offsets.size()) std::abort();
  });
  read([&] { klbench::lines_of_json(bytes, "data.jsonl", data[0] % 2 != 0); });
  read([&] { klbench::parse_vocabulary(bytes, "words.txt"); });
  for (const auto token : klbench::tokenize(bytes)) {
    if (token.empty()) std::abort();
  }
  if (const auto corpus = klbench::parse_dataset(bytes)) {
    if (klbench::dataset_bytes(*corpus) != bytes) std::abort();
  }
  return 0;
}

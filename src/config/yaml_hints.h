#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace klbench {

/// What is wrong in a YAML text, and the right form.
struct YamlComplaint {
  std::size_t offset = 0;
  std::string what;
};

/// What yaml-cpp means by `message` at `offset`, in the words of somebody who wrote a tab, a colon in a text, another
/// indentation, text behind a quote; its own words where nothing of this is known.
YamlComplaint explain_syntax(std::string_view text, std::size_t offset, const std::string& message);

/// What explain_syntax says of a line that does not fit.
inline constexpr const char* kIndentation = "the indentation does not fit the lines above";

/// The same of a token at `offset` that cannot stand in the brackets that began at `open`: they were not closed where
/// nothing follows, another bracket closes, or a word before it begins a line no further right than theirs.
YamlComplaint explain_bracket(std::string_view text, std::size_t open, std::size_t offset);

/// "write seed: 1, with a blank".
std::string with_blank(std::string_view key, std::string_view value);

/// with_blank where `text` is a key and its value without the blank between them; else empty.
std::string unspaced_colon(std::string_view text);

/// What to do about a text that begins with `bytes` and is not UTF-8.
std::string encoding_hint(std::string_view bytes);

/// `text` in double quotes.
std::string quoted_text(const std::string& text);

}  // namespace klbench

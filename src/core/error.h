#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace klbench {

/// A place in an input file; line and column count from 1, 0 means unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  /// "file:line:column", without the parts that are unknown.
  std::string str() const;
};

/// A failure of ours or of the machine: exit code 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  virtual int exit_code() const { return 1; }
};

/// Bad input from the user (arguments, YAML, data files, plugins, results of other versions): exit code 2.
/// The message is one line: where, what is wrong, which values are valid.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& what) : Error(what) {}
  UsageError(const Place& place, const std::string& what) : Error(place.str() + ": " + what) {}
  int exit_code() const override { return 2; }
};

/// The candidate with the smallest edit distance to `name`; empty when none is near (distance over half its length).
/// Capitals are as small letters, and '-' is as '_'.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// "unknown <kind> 'name' (did you mean 'x'?); valid: a, b, c" (the question only where a name is near, and then only
/// the nearest names of a long list; where none is near, few names of a very long one, those with `name` in them
/// first).
std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& valid);
/// The same with the names that may be meant, which need not be `valid` ones: "did you mean 'a' or 'b'?".
std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& valid,
                         const std::vector<std::string>& near);

/// `text` on one line: control characters as \n, \t or \xNN, so that a hostile file cannot forge output lines.
std::string one_line(std::string_view text);

}  // namespace klbench

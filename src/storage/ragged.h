#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace klbench {

/// Rows of numbers, each of its own length, added in ascending order; rows passed over are empty.
template <class T>
class Ragged {
 public:
  void set(std::size_t row, std::span<const T> values) {
    ends_.resize(row, all_.size());
    all_.insert(all_.end(), values.begin(), values.end());
    ends_.push_back(all_.size());
  }

  std::span<const T> operator[](std::size_t row) const {
    if (row >= ends_.size()) return {};
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return std::span<const T>(all_).subspan(begin, ends_[row] - begin);
  }

  std::size_t longest() const {
    std::size_t longest = 0;
    for (std::size_t row = 0; row < ends_.size(); ++row) longest = std::max(longest, (*this)[row].size());
    return longest;
  }

 private:
  std::vector<T> all_;
  std::vector<std::size_t> ends_;
};

}  // namespace klbench

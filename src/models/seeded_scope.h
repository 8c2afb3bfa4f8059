#pragma once

#include <torch/torch.h>

namespace klbench {

/// Torch's CPU generator draws from `seed` while the scope lasts, then goes on as if nothing had happened.
class SeededScope {
 public:
  explicit SeededScope(std::uint64_t seed)
      : generator_(at::globalContext().defaultGenerator(at::kCPU)), state_(generator_.get_state()) {
    generator_.set_current_seed(seed);
  }
  SeededScope(const SeededScope&) = delete;
  SeededScope& operator=(const SeededScope&) = delete;
  ~SeededScope() { generator_.set_state(state_); }

 private:
  at::Generator generator_;
  at::Tensor state_;
};

}  // namespace klbench

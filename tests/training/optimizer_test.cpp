#include "training/optimizer.h"

#include <cmath>
#include <sstream>

#include "catch.h"
#include "core/error.h"

using namespace klbench;
using torch::Tensor;

namespace {

/// Parameters in three groups, and copies for the oracle.
struct Parameters {
  std::vector<std::vector<Tensor>> groups;
  std::vector<Tensor> copies;

  explicit Parameters(torch::ScalarType type = torch::kFloat) {
    torch::manual_seed(1);
    const auto draw = [&](torch::IntArrayRef shape) { return torch::randn(shape).to(type).requires_grad_(); };
    groups = {{draw({7, 5}), draw({33})}, {draw({129, 65})}, {draw({3})}};
    for (const auto& p : all()) copies.push_back(p.detach().clone().requires_grad_());
  }
  std::vector<Tensor> all() const {
    std::vector<Tensor> result;
    for (const auto& group : groups) result.insert(result.end(), group.begin(), group.end());
    return result;
  }
  /// The same gradients of about norm `size` for parameters and copies.
  void set_gradients(double size) const {
    const auto mine = all();
    for (std::size_t i = 0; i < mine.size(); ++i) {
      const auto g = torch::randn(mine[i].sizes()).to(mine[i].scalar_type()) * (size / 90);
      mine[i].mutable_grad() = g.clone();
      copies[i].mutable_grad() = g.clone();
    }
  }
  void check_equal(double tolerance = 1e-6) const {
    const auto mine = all();
    for (std::size_t i = 0; i < mine.size(); ++i) {
      INFO("parameter " << i);
      CHECK((mine[i] - copies[i]).abs().max().item<double>() < tolerance);
    }
  }
};

/// A step on groups by the norm of the gradients, which is returned.
double take_step(Optimizer& optimizer, unsigned groups) {
  const double norm = std::sqrt(optimizer.square_norm().item<double>());
  optimizer.step(groups, norm);
  return norm;
}

template <class Oracle>
void compare(Optimizer::Kind kind, double momentum, Oracle& oracle, Parameters& p) {
  Optimizer optimizer(p.groups, kind, 0.1, momentum, 5.0);
  for (const double size : {2.0, 30.0, 0.5, 8.0}) {
    p.set_gradients(size);
    const double expected = torch::nn::utils::clip_grad_norm_(p.copies, 5.0);
    CHECK(take_step(optimizer, 7) == Approx(expected).epsilon(1e-6));
    oracle.step();
    p.check_equal();
  }
}

}  // namespace

TEST_CASE("sgd is torch's SGD behind clip_grad_norm_", "[optimizer]") {
  for (const auto type : {torch::kFloat, torch::kDouble})
    for (const double momentum : {0.0, 0.9}) {
      Parameters p(type);
      torch::optim::SGD oracle(p.copies, torch::optim::SGDOptions(0.1).momentum(momentum));
      compare(Optimizer::Kind::sgd, momentum, oracle, p);
    }
}

TEST_CASE("adam is torch's Adam behind clip_grad_norm_", "[optimizer]") {
  for (const auto type : {torch::kFloat, torch::kDouble}) {
    Parameters p(type);
    torch::optim::Adam oracle(p.copies, torch::optim::AdamOptions(0.1));
    compare(Optimizer::Kind::adam, 0, oracle, p);
  }
}

TEST_CASE("clip 0 does not clip", "[optimizer]") {
  Parameters p;
  p.set_gradients(100);
  const auto expected = p.groups[0][0].detach() - 0.1 * p.groups[0][0].grad();
  Optimizer plain(p.groups, Optimizer::Kind::sgd, 0.1, 0, 0);
  take_step(plain, 7);
  CHECK((p.groups[0][0] - expected).abs().max().item<double>() < 1e-6);
}

TEST_CASE("a step moves its groups alone, clipped by the norm of all", "[optimizer]") {
  Parameters p;
  Optimizer optimizer(p.groups, Optimizer::Kind::sgd, 0.1, 0, 5);
  p.set_gradients(50);
  double square = 0;
  for (const auto& parameter : p.all()) square += parameter.grad().square().sum().item<double>();
  const double norm = std::sqrt(square);
  const auto expected = p.groups[1][0].detach() - 0.1 * 5 / norm * p.groups[1][0].grad();
  CHECK(take_step(optimizer, 2) == Approx(norm).epsilon(1e-6));
  CHECK(torch::equal(p.groups[0][0], p.copies[0]));
  CHECK(torch::equal(p.groups[2][0], p.copies[3]));
  CHECK((p.groups[1][0] - expected).abs().max().item<double>() < 1e-6);
}

TEST_CASE("frozen parameters and those without gradient stay", "[optimizer]") {
  Parameters p;
  Optimizer optimizer(p.groups, Optimizer::Kind::sgd, 0.1, 0.9, 5);
  p.set_gradients(1);
  take_step(optimizer, 7);
  const auto frozen = p.groups[0][0].detach().clone(), idle = p.groups[2][0].detach().clone();
  p.set_gradients(1);
  p.groups[0][0].requires_grad_(false);
  p.groups[2][0].mutable_grad().reset();
  take_step(optimizer, 7);
  CHECK(torch::equal(p.groups[0][0], frozen));
  CHECK(torch::equal(p.groups[2][0], idle));
  optimizer.zero_grad();
  for (const auto& tensor : p.all()) CHECK_FALSE(tensor.grad().defined());
}

TEST_CASE("a gradient that is not finite moves nothing and shows in the norm", "[optimizer]") {
  Parameters p;
  p.set_gradients(1);
  p.groups[1][0].mutable_grad()[3][4] = std::nan("");
  Optimizer clipping(p.groups, Optimizer::Kind::sgd, 0.1, 0, 5);
  CHECK(std::isnan(take_step(clipping, 7)));
  p.check_equal(1e-12);
}

TEST_CASE("sparse gradients of embeddings do what dense ones do", "[optimizer]") {
  const auto words = torch::tensor({{3, 1, 3}, {0, 9, 1}}, torch::kLong);
  for (const auto& [kind, momentum] : std::vector<std::pair<Optimizer::Kind, double>>{
           {Optimizer::Kind::sgd, 0.0}, {Optimizer::Kind::sgd, 0.9}, {Optimizer::Kind::adam, 0.0}}) {
    torch::manual_seed(2);
    const auto target = torch::randn({2, 3, 17});
    std::vector<Tensor> weights;
    std::vector<double> norms;
    for (const bool sparse : {false, true}) {
      auto weight = (torch::arange(10 * 17, torch::kFloat).view({10, 17}) * 0.01).requires_grad_();
      Optimizer optimizer({{weight}}, kind, 0.1, momentum, 5);
      for (int step = 0; step < 3; ++step) {
        optimizer.zero_grad();
        (torch::embedding(weight, words, -1, false, sparse) - target).square().sum().backward();
        REQUIRE(weight.grad().is_sparse() == sparse);
        norms.push_back(take_step(optimizer, 1));
      }
      weights.push_back(weight.detach());
    }
    CHECK((weights[0] - weights[1]).abs().max().item<double>() < 1e-6);
    for (std::size_t i = 0; i < 3; ++i) CHECK(norms[i] == Approx(norms[i + 3]).epsilon(1e-6));
  }
}

TEST_CASE("a saved optimiser continues bit for bit", "[optimizer]") {
  for (const auto& [kind, momentum] :
       std::vector<std::pair<Optimizer::Kind, double>>{{Optimizer::Kind::sgd, 0.9}, {Optimizer::Kind::adam, 0.0}}) {
    Parameters p;
    Optimizer first(p.groups, kind, 0.1, momentum, 5), second({p.copies}, kind, 7, momentum, 5);
    p.set_gradients(3);
    take_step(first, 3);
    first.set_lr(0.05);
    std::stringstream stream;
    {
      torch::serialize::OutputArchive archive;
      first.save(archive);
      archive.save_to(stream);
      torch::serialize::InputArchive loaded;
      loaded.load_from(stream);
      second.load(loaded);
    }
    CHECK(second.lr() == 0.05);
    {
      const torch::NoGradGuard no_grad;
      const auto mine = p.all();
      for (std::size_t i = 0; i < mine.size(); ++i) p.copies[i].copy_(mine[i]);
    }
    p.set_gradients(3);
    take_step(first, 7);
    take_step(second, 1);
    const auto mine = p.all();
    for (std::size_t i = 0; i < mine.size(); ++i) CHECK(torch::equal(mine[i], p.copies[i]));
  }
}

TEST_CASE("cleared state starts afresh", "[optimizer]") {
  Parameters p;
  Optimizer used(p.groups, Optimizer::Kind::adam, 0.1, 0, 5);
  p.set_gradients(3);
  take_step(used, 7);
  used.clear_state(7);
  {
    const torch::NoGradGuard no_grad;
    const auto mine = p.all();
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i].copy_(p.copies[i]);
  }
  Optimizer fresh({p.copies}, Optimizer::Kind::adam, 0.1, 0, 5);
  p.set_gradients(3);
  take_step(used, 7);
  take_step(fresh, 1);
  p.check_equal(1e-12);
}

TEST_CASE("optimizers have names", "[optimizer]") {
  CHECK(optimizer_kind("sgd") == Optimizer::Kind::sgd);
  CHECK(optimizer_kind("adam") == Optimizer::Kind::adam);
  CHECK_THROWS_AS(optimizer_kind("rmsprop"), UsageError);
}

// Saving and loading of a Trainer.
#include <sstream>
#include <string>

#include "training/trainer.h"
#include "training/weights.h"

namespace klbench {

namespace {

/// What an object writes into a torch archive, as a tensor of bytes.
template <class Saver>
torch::Tensor archive_bytes(Saver&& save) {
  torch::serialize::OutputArchive archive;
  save(archive);
  std::ostringstream stream;
  archive.save_to(stream);
  const std::string bytes = stream.str();
  auto tensor = torch::empty({static_cast<std::int64_t>(bytes.size())}, torch::kUInt8);
  std::copy(bytes.begin(), bytes.end(), tensor.data_ptr<std::uint8_t>());
  return tensor;
}

template <class Loader>
void read_archive(const torch::Tensor& bytes, Loader&& load) {
  std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data_ptr<std::uint8_t>()), bytes.nbytes()));
  torch::serialize::InputArchive archive;
  archive.load_from(stream);
  load(archive);
}

/// A number as a tensor: JSON, the texts of the file, has no infinity.
template <class T>
torch::Tensor number_tensor(T value) {
  return torch::tensor(value, c10::CppTypeToScalarType<T>::value);
}

}  // namespace

/// Every number that training continues from, by name.
template <class Self, class Floors, class Visit>
void Trainer::each_number(Self& self, Floors& floors, const Visit& visit) {
  visit("epoch", self.progress_.epoch);
  visit("step", self.progress_.step);
  visit("tokens_seen", self.tokens_seen_);
  visit("frozen", self.frozen_);
  visit("first_moments", self.first_moments_);
  visit("first_moment_sum", self.first_moment_sum_);
  visit("sums/examples", self.sums_.examples);
  visit("sums/batches", self.sums_.batches);
  visit("sums/loss", self.sums_.loss);
  visit("sums/rec", self.sums_.rec);
  visit("sums/kl", self.sums_.kl);
  visit("sums/kl_penalised", self.sums_.kl_penalised);
  visit("sums/kl_weight", self.sums_.kl_weight);
  visit("sums/grad_norm", self.sums_.grad_norm);
  visit("sums/floor", self.sums_.floor);
  visit("sums/floor_batches", self.sums_.floor_batches);
  visit("floors/batches", floors.batches);
  visit("floors/violations", floors.violations);
  visit("floors/min_slack", floors.min_slack);
  visit("last_loss/total", self.last_loss_.total);
  visit("last_loss/rec", self.last_loss_.rec);
  visit("last_loss/kl", self.last_loss_.kl);
  visit("last_loss/kl_penalised", self.last_loss_.kl_penalised);
}

void Trainer::save(TensorFile& file) const {
  for (const auto& [name, tensor] : weights()) file.tensors["model/" + name] = tensor;
  file.tensors["optimizer"] = archive_bytes([&](auto& archive) { optimizer_->save(archive); });
  if (model_->has_latent()) {
    file.tensors["remedy"] = archive_bytes([&](auto& archive) { model_->remedy().save_state(archive); });
  }
  if (sums_.mu_mean.defined()) {
    file.tensors["sums/mu_mean"] = sums_.mu_mean;
    file.tensors["sums/second_moment"] = sums_.second_moment;
  }
  const auto& floors = floors_.state();
  each_number(*this, floors, [&](const std::string& name, const auto& value) {
    file.tensors["number/" + name] = number_tensor(value);
  });
  for (const auto& [name, value] : last_) file.tensors["last/" + name] = number_tensor(value);
}

void Trainer::load(const TensorFile& file) {
  set_weights(file.below("model/"));
  read_archive(file.tensor("optimizer"), [&](auto& archive) { optimizer_->load(archive); });
  if (model_->has_latent()) {
    read_archive(file.tensor("remedy"), [&](auto& archive) { model_->remedy().load_state(archive); });
  }
  if (file.tensors.count("sums/mu_mean")) {
    sums_.mu_mean = file.tensor("sums/mu_mean").to(device_);
    sums_.second_moment = file.tensor("sums/second_moment").to(device_);
  }
  auto floors = floors_.state();
  each_number(*this, floors, [&](const std::string& name, auto& value) {
    value = file.tensor("number/" + name).item<std::decay_t<decltype(value)>>();
  });
  floors_.set_state(floors);
  set_trainable();
  make_steps();
  for (const auto& [name, tensor] : file.below("last/")) last_[name] = tensor.item<double>();
}

}  // namespace klbench

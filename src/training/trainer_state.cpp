// Saving and loading of a Trainer.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "training/trainer.h"
#include "training/weights.h"

namespace klbench {

namespace {

using nlohmann::json;

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

}  // namespace

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
  // Doubles as arrays in tensors: JSON has no infinity.
  file.tensors["sums/scalars"] = torch::tensor(
      {sums_.loss, sums_.rec, sums_.kl, sums_.kl_weight, sums_.grad_norm, floors.min_slack, sums_.floor,
       last_loss_.total, last_loss_.rec, last_loss_.kl, sums_.kl_penalised, last_loss_.kl_penalised, first_moment_sum_},
      torch::kFloat64);
  file.tensors["counters"] =
      torch::tensor({progress_.epoch, progress_.step, sums_.examples, sums_.batches, floors.batches, floors.violations,
                     tokens_seen_, static_cast<std::int64_t>(frozen_), sums_.floor_batches, first_moments_},
                    torch::kInt64);
  json names = json::array();
  auto values = torch::empty({static_cast<std::int64_t>(last_.size())}, torch::kFloat64);
  std::int64_t i = 0;
  for (const auto& [name, value] : last_) {
    names.push_back(name);
    values[i++] = value;
  }
  file.texts["last_names"] = names.dump();
  file.tensors["last_values"] = values;
}

void Trainer::load(const TensorFile& file) {
  std::map<std::string, torch::Tensor> saved;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.rfind("model/", 0) == 0) saved[name.substr(6)] = tensor;
  }
  set_weights(saved);
  read_archive(file.tensor("optimizer"), [&](auto& archive) { optimizer_->load(archive); });
  if (model_->has_latent()) {
    read_archive(file.tensor("remedy"), [&](auto& archive) { model_->remedy().load_state(archive); });
  }
  if (file.tensors.count("sums/mu_mean")) {
    sums_.mu_mean = file.tensor("sums/mu_mean");
    sums_.second_moment = file.tensor("sums/second_moment");
  }
  const auto scalars = file.tensor("sums/scalars").accessor<double, 1>();
  const auto counters = file.tensor("counters").accessor<std::int64_t, 1>();
  sums_.loss = scalars[0];
  sums_.rec = scalars[1];
  sums_.kl = scalars[2];
  sums_.kl_weight = scalars[3];
  sums_.grad_norm = scalars[4];
  last_loss_.total = scalars[7];
  last_loss_.rec = scalars[8];
  last_loss_.kl = scalars[9];
  sums_.kl_penalised = scalars[10];
  last_loss_.kl_penalised = scalars[11];
  first_moment_sum_ = scalars[12];
  progress_.epoch = counters[0];
  progress_.step = counters[1];
  sums_.examples = counters[2];
  sums_.batches = counters[3];
  floors_.set_state({counters[4], counters[5], scalars[5]});
  sums_.floor = scalars[6];
  tokens_seen_ = counters[6];
  frozen_ = static_cast<unsigned>(counters[7]);
  sums_.floor_batches = counters[8];
  first_moments_ = counters[9];
  set_trainable();
  make_steps();
  const auto values = file.tensor("last_values").accessor<double, 1>();
  std::int64_t i = 0;
  for (const auto& name : json::parse(file.text("last_names"))) last_[name.get<std::string>()] = values[i++];
}

}  // namespace klbench

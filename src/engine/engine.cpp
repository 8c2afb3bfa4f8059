#include "sweep/engine.h"

#include <torch/version.h>

#include "engine/kept_cell.h"
#include "engine/plugin_api.h"
#include "engine/plugin_loader.h"
#include "engine/remedy_facts.h"
#include "engine/worker.h"
#include "storage/records.h"
#include "training/device.h"

namespace klbench {

namespace {

class TorchEngine : public Engine {
 public:
  TorchEngine() { know_metrics(builtin_.metrics); }

  std::string torch_version() const override { return TORCH_VERSION; }
  std::string cxx_abi() const override { return KLBENCH_CXX_ABI; }
  const Components& builtin_components() const override { return builtin_; }
  Components load_plugin(const std::string& path) override { return klbench::load_plugin(path); }
  RemedyFacts remedy_facts(const CellConfig& config) override { return klbench::remedy_facts(config); }
  void check_device(const std::string& name, std::int64_t dealt) override { klbench::check_device(name, dealt); }
  int run_worker(const WorkerRequest& request) override { return klbench::run_worker(request); }
  std::vector<std::string> sample(const KeptModel& model, std::int64_t count, double temperature,
                                  std::uint64_t seed) override {
    return sample_kept(model, count, temperature, seed);
  }
  std::vector<std::string> reconstruct(const KeptModel& model, const std::string& split, std::int64_t first,
                                       std::int64_t count) override {
    return reconstruct_kept(model, split, first, count);
  }
  std::vector<std::string> interpolate(const KeptModel& model, const std::string& split, std::int64_t from,
                                       std::int64_t to, std::int64_t steps) override {
    return interpolate_kept(model, split, from, to, steps);
  }

 private:
  Components builtin_ = registered_components();  // before any plugin is loaded
};

Engine& torch_engine() {
  static TorchEngine engine;
  return engine;
}

const EngineRegistrar kRegistrar(torch_engine);

}  // namespace

}  // namespace klbench

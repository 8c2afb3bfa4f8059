#include "sweep/engine.h"

#include <torch/version.h>

#include "engine/kept_cell.h"
#include "engine/remedy_facts.h"
#include "engine/worker.h"
#include "latent/family.h"
#include "latent/prior.h"
#include "models/decoder.h"
#include "models/encoder.h"
#include "regularizers/api.h"
#include "regularizers/plugin_loader.h"
#include "training/device.h"

namespace klbench {

namespace {

class TorchEngine : public Engine {
 public:
  /// Made before any plugin is loaded.
  TorchEngine()
      : catalogue_{RegularizerRegistry::instance().specs(), EncoderRegistry::instance().specs(),
                   DecoderRegistry::instance().specs(), FamilyRegistry::instance().specs(),
                   PriorRegistry::instance().specs()} {}

  std::string torch_version() const override { return TORCH_VERSION; }
  std::string cxx_abi() const override { return KLBENCH_CXX_ABI; }
  const Catalogue& catalogue() const override { return catalogue_; }
  std::vector<ComponentSpec> load_plugin(const std::string& path) override { return klbench::load_plugin(path); }
  RemedyFacts remedy_facts(const CellConfig& config) override { return klbench::remedy_facts(config); }
  void check_device(const std::string& name) override { klbench::check_device(name); }
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
  Catalogue catalogue_;
};

Engine& torch_engine() {
  static TorchEngine engine;
  return engine;
}

const EngineRegistrar kRegistrar(torch_engine);

}  // namespace

}  // namespace klbench

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "config/schema.h"

namespace klbench {

/// What the driver tells a worker process: one cell to train.
struct WorkerRequest {
  std::filesystem::path config;      ///< CellConfig::canonical() in a file
  std::string id;                    ///< must be the id that configuration, data and plugins have
  std::filesystem::path folder;      ///< results/<study>
  std::vector<std::string> plugins;  ///< loaded into this process for good
  bool keep = false;                 ///< only make the kept files that the finished cell lacks, from its weights
  pid_t driver = 0;                  ///< this process ends when that one does; 0: nobody drives it
};

/// What results depend on in the remedy of a cell.
struct RemedyFacts {
  bool batch_statistics = true;
  bool floor = true;
  bool pair = true;                                  ///< another posterior feeds the decoder than is penalised
  std::map<std::string, std::size_t> diagnostics{};  ///< name -> how many numbers
};

/// A trained model on disk, as keep.model leaves it.
struct KeptModel {
  std::filesystem::path file;  ///< <id>.model
  std::vector<std::string> plugins;
};

/// All that needs LibTorch: remedies, training, trained models. It is a library of its own, libklbench.so, that is
/// loaded when it is first asked for: loading LibTorch takes most of a second, which commands that only read files do
/// not pay.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Version of LibTorch, e.g. "1.13.0", and the C++ ABI that plugins must have.
  virtual std::string torch_version() const = 0;
  virtual std::string cxx_abi() const = 0;
  /// The components that are built in.
  virtual const Components& builtin_components() const = 0;
  /// Loads a plugin into this process for good and returns what it brings. Throws UsageError when it cannot be used; a
  /// broken file may end the process by a signal.
  virtual Components load_plugin(const std::string& path) = 0;
  /// Of a remedy that this process has not loaded: that it has batch statistics, a floor, and a pair.
  virtual RemedyFacts remedy_facts(const CellConfig& config) = 0;
  /// Throws UsageError where trainer.device names a card that this LibTorch does not see, or cells are dealt more cards
  /// than it sees.
  virtual void check_device(const std::string& name, std::int64_t dealt) = 0;

  /// Trains the cell in this process under its lock, with one compute thread; progress goes to standard output (see
  /// worker_protocol.h), the log to standard error. Returns the exit code (WorkerExit).
  virtual int run_worker(const WorkerRequest& request) = 0;

  // What a trained model makes, as lines of text: sentences, or of images one picture as a plain PGM or PPM file. These
  // throw UsageError for files and rows that are not what is wanted, also for a model without a latent variable.

  /// `count` draws of the prior, decoded; of text word by word at `temperature`, 0: the likeliest.
  virtual std::vector<std::string> sample(const KeptModel& model, std::int64_t count, double temperature,
                                          std::uint64_t seed) = 0;
  /// Examples first .. first + count - 1 of a split (train, valid, test), and what is decoded from their posterior
  /// means: behind a tab the greedy text, or below the picture.
  virtual std::vector<std::string> reconstruct(const KeptModel& model, const std::string& split, std::int64_t first,
                                               std::int64_t count) = 0;
  /// The same at `steps` points of the line between the posterior means of two examples of a split.
  virtual std::vector<std::string> interpolate(const KeptModel& model, const std::string& split, std::int64_t from,
                                               std::int64_t to, std::int64_t steps) = 0;
};

/// The engine of this process. Throws Error where its library cannot be loaded.
Engine& engine();

/// What the engine's library says of itself when it is loaded.
struct EngineRegistrar {
  explicit EngineRegistrar(Engine& (*get)()) noexcept;
};

}  // namespace klbench

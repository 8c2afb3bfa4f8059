#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/cell_config.h"
#include "config/study.h"
#include "data/dataset.h"

namespace klbench {

/// The data of a plan's cells: each dataset is loaded once, and each cell is held against it before anything is
/// trained.
class PlanData {
 public:
  /// `places`: of the study's data, for errors in its files; they outlive this.
  explicit PlanData(const std::vector<DataPlace>& places) : places_(places) {}
  /// The content hash of the cell's data. Throws UsageError where the data cannot serve the cell: a remedy that needs
  /// batch statistics and a single training sentence, eval.probe and labels that no probe can learn.
  const std::string& of(const CellConfig& config);
  /// What is alarming about the data seen so far, each line once: what their files lack, unknown words, sentences that
  /// splits share, labels that a probe cannot know.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Summary {
    std::string hash;
    std::int64_t train_size = 0;
    std::string probe_refusal;
    std::vector<std::string> probe_warnings;
  };
  Summary read(const std::string& name, const std::map<std::string, Value>& options);
  /// Where the study names the file that `error` is about, else the dataset; without a file where it names neither.
  Place place_of(const std::string& error, const std::string& name, const std::map<std::string, Value>& options) const;
  void check(const CellConfig& config, const Summary& data);
  void warn(const std::string& dataset, const std::string& what);

  const std::vector<DataPlace>& places_;
  std::map<std::pair<std::string, std::map<std::string, Value>>, Summary> data_;
  std::vector<std::string> warnings_;
};

}  // namespace klbench

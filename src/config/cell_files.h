#pragma once

#include <filesystem>
#include <string>

namespace klbench {

/// The files of one cell, each <folder>/<id>.<what>; all in the results' folder of its study.
class CellFiles {
 public:
  CellFiles(const std::filesystem::path& folder, const std::string& id) : base_(folder / id) {}
  /// Those beside `result`, <folder>/<id>.h5.
  static CellFiles beside(const std::filesystem::path& result) {
    return {result.parent_path(), result.stem().string()};
  }

  std::filesystem::path result() const { return with(".h5"); }             ///< published by rename
  std::filesystem::path config() const { return with(".config.yaml"); }    ///< what its worker reads
  std::filesystem::path log() const { return with(".log"); }               ///< of every attempt
  std::filesystem::path run_record() const { return with(".run.json"); }   ///< provenance and cost
  std::filesystem::path outcome() const { return with(".outcome.json"); }  ///< see sweep/outcome.h
  std::filesystem::path lock() const { return with(".lock"); }             ///< held by the worker at it
  std::filesystem::path attempt() const { return with(".attempt"); }       ///< token of the attempt that owns it
  std::filesystem::path checkpoint() const { return with(".checkpoint"); }
  std::filesystem::path journal() const { return with(".journal"); }        ///< one record an epoch
  std::filesystem::path divergence() const { return with(".divergence"); }  ///< one that is not confirmed yet
  std::filesystem::path model() const { return with(".model"); }            ///< keep.model: safetensors
  std::filesystem::path latents() const { return with(".latent.h5"); }      ///< keep.latents
  std::filesystem::path samples() const { return with(".samples.txt"); }    ///< keep.samples

 private:
  std::filesystem::path with(const char* what) const { return base_.string() + what; }

  std::filesystem::path base_;
};

}  // namespace klbench

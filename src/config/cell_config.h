#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// One part of a regularizer composition.
struct Part {
  std::string key;
  Options options;
  bool needs_batch_statistics = false, refines = false;  ///< as its spec says
};

/// Everything that decides the numbers of one cell (one training run), fully resolved: no option is left at a default
/// that is not written here.
struct CellConfig {
  /// Dotted name -> value: seed, data.name, data.<option>, model.*, trainer.*, eval.*; every option has an entry, but
  /// those of the encoder where there is no latent variable.
  std::map<std::string, Value> values;
  /// In the order of make_canonical (config/composition.h); empty where there is no latent variable.
  std::vector<Part> regularizer;
  /// Its places in the study's grids as written, from 1 on; several where they name the same cell again.
  std::vector<std::size_t> places;

  bool boolean(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double real(const std::string& name) const;
  const std::string& text(const std::string& name) const;

  /// model.latent_dim > 0; else the decoder is a language model (of images: an autoregressive model).
  bool has_latent() const;

  /// A standard normal prior, and with it Gaussian posteriors, as cells have that name neither.
  bool normal_prior() const;
  bool standard_latent() const;

  /// Options of one section ("data", "model.encoder") without this prefix and without its name: what the component
  /// that it names is given.
  std::map<std::string, Value> section(const std::string& prefix) const;

  /// Canonical YAML: sorted keys, one spelling per value; equal text = equal configuration.
  /// This text is also what a cell process is given and parses back (parse_cell).
  std::string canonical() const;

  /// Without the options that change no number of the result, but what is kept beside it and how often it is saved:
  /// what the result and the id are made from.
  CellConfig of_result() const;

  /// Options as columns: values plus "regularizer.<key>.<option>" of every part.
  std::map<std::string, Value> flat() const;

  /// What figures and tables call the method: "bn_vae", "bn_vae+kl_annealing", or "lstm_lm", a decoder without z.
  std::string method() const;

 private:
  /// The option has this value, or is not there.
  bool names_if_any(const std::string& name, const std::string& key) const;
};

/// What a decoder without z is called, "lstm_lm", and whether a method is such a one.
std::string language_model_of(const std::string& decoder);
bool is_language_model(const std::string& method);

/// Finds the options that take more than one value among the cells that have them, keeping no cell.
class VaryingOptions {
 public:
  /// A cell as CellConfig::flat() gives it.
  void add(const std::map<std::string, Value>& cell);
  /// Sorted, without `seed`.
  std::vector<std::string> names() const;
  bool seed_varies() const;

 private:
  struct Seen {
    Value first;
    bool varies = false;
  };
  std::map<std::string, Seen> options_;
};

/// Those of all `cells`.
std::vector<std::string> varying_options(const std::vector<std::map<std::string, Value>>& cells);

}  // namespace klbench

#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace klbench {

/// The value of one option.
using Value = std::variant<bool, std::int64_t, double, std::string>;

enum class OptionType { boolean, integer, real, text };

/// Shortest text that reads back as the same value: true, 32, 0.25, name.
std::string to_string(const Value& value);

/// One option of a component: what it is called, what it may be, what it does.
struct OptionSpec {
  std::string name;  ///< "tau", or dotted where it stands at the top of a study: "trainer.epochs"
  Value default_value;
  std::string help;  ///< one line, with the unit
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_open = false;               ///< the value must be > min, not >=
  bool max_open = false;               ///< the value must be < max, not <=
  std::vector<std::string> choices{};  ///< of a text option; empty = any text
  /// A text option of a dataset that names a file or folder: relative to the YAML file that gives it (--set: to the
  /// working folder), and left out of the ids of cells, which the hash of the data enters.
  bool is_path = false;
  /// Of an option that counts only beside some values of another one of its component: "schedule=linear,cyclical".
  /// Studies that give it another value than its default elsewhere are refused: their cells would differ in nothing.
  std::string only_where{};
  /// Of an integer option: it has to divide this other one of its component: "hidden_dim".
  std::string divides{};
  /// `max` holds only beside some values of another option, written as only_where: "scale=tau".
  std::string max_where{};

  OptionType type() const { return static_cast<OptionType>(default_value.index()); }
  /// "real in [0, 1)", "one of: linear, logistic", "boolean", ...
  std::string describe_type() const;
  /// `value` as this option's type (an integer where a real is wanted becomes a real, a real without fraction an
  /// integer); throws UsageError without a place, "option 'tau' wants a real in [0, 1), got 1.5", when type or range do
  /// not fit.
  Value check(const Value& value) const;
};

/// What ComponentSpec::needs of a metric may name, beside boolean options of a study ("eval.generation"):
inline constexpr const char* kStandardLatent = "standard_latent";  ///< Gaussian posteriors and the prior N(0, I)
inline constexpr const char* kNormalPrior = "normal_prior";        ///< the prior N(0, I)
inline constexpr const char* kFlatLatent = "flat_latent";          ///< z not on the sphere
inline constexpr const char* kScoredLatent = "scored_latent";      ///< posteriors whose log q of any z is known
inline constexpr const char* kTwoPosteriors = "two_posteriors";    ///< the decoder gets another one than is penalised
inline constexpr const char* kTwoExamples = "two_examples";        ///< a split of more than one
inline constexpr const char* kLabels = "labels";                   ///< data with labels
/// Of a regularizer, and what a decoder offers:
inline constexpr const char* kExpectedImage = "an expected image of z";
inline constexpr const char* kWordStates = "a state of each word before its softmax layer";

/// What examples are: the value of ComponentSpec::domain of datasets, encoders, decoders and regularizers.
inline constexpr const char* kText = "text";
inline constexpr const char* kImage = "image";
/// Where z lies: that of posteriors and priors. All of R^d, or the unit sphere in it.
inline constexpr const char* kSpace = "space";
inline constexpr const char* kSphere = "sphere";

/// A component that YAML names by key: a regularizer, a dataset, an encoder, a decoder, a posterior, a prior; also a
/// metric, a kind of figure.
struct ComponentSpec {
  std::string key{};      ///< registry key = file stem
  std::string summary{};  ///< one line
  std::string paper{};    ///< source, e.g. "Zhu et al., ACL 2020"
  std::string recipe{};   ///< those of configs/recipes/ under which it was published, "li2019, fu2019"; empty: none
  std::vector<OptionSpec> options{};
  /// kText or kImage, what it has, reads or writes; of posteriors and priors kSpace or kSphere; empty: either. Of a
  /// regularizer it follows from the hooks: those that change the words fed, the pooling of states or the output layer
  /// want text.
  std::string domain{};
  /// Exclusive roles of a regularizer; two parts that take the same one are refused with the reason. Most follow from
  /// the hooks that its class overrides and are added on registration: "posterior" (transform), "kl_penalty",
  /// "rec_weight", "train_step", "encoder_pooling", and "kl_weight" (moves the weight on the KL over time) unless
  /// "kl_scale" is declared. To be declared is what hooks do not tell: "kl_scale" (kl_weight sets only the final
  /// strength), "kl_target" (sets the rate by a floor or a target), "encoder_training" (when the encoder is trained),
  /// and "kl_weight" where the hook is not overridden.
  std::vector<std::string> replaces{};
  /// What a regularizer changes, by the hooks that its class overrides: posterior, penalty, weight, loss, training,
  /// encoder, decoder.
  std::vector<std::string> changes{};
  /// Refuses a configured batch size of 1 (without trainer.accumulate); follows from begin_statistics, end_statistics.
  bool needs_batch_statistics = false;
  /// Of a regularizer: holds for every posterior and prior, whose KL may come as one number an example, not one per
  /// dimension. By itself where none of refine, kl_penalty, extra_loss and model_loss is overridden; else to be
  /// declared.
  bool any_latent = false;
  bool sphere_latent = false;  ///< of a regularizer: holds on the sphere with its uniform prior, too
  /// Of a regularizer, by its hooks: encodes or decodes the batch again (model_loss, refine), which trainer.accumulate
  /// never holds as a whole; takes differences of gradients (refine), for which bf16 is too coarse.
  bool asks_model = false, refines = false;
  bool own_draws_only = false;  ///< of a posterior: log q is known of its own draws only (no mutual information)
  bool of_posteriors = false;   ///< of a prior: made of posteriors of the model, whose log q of any z must be known
  std::vector<std::string> needs{};   ///< of a metric or a regularizer: all of these (kStandardLatent, ...)
  std::vector<std::string> offers{};  ///< of a decoder, by the functions that its class overrides (kExpectedImage, ...)
  std::string units{};                ///< of a metric, whose summary is its name in words: "nats per example"
  std::string better{};               ///< of a metric: "higher" or "lower"; empty: neither
  std::string head{};                 ///< of a metric: the head of its column in tables; empty: made from the key
  bool every_epoch = false;           ///< of a metric: cheap enough for every evaluation, not only at the end on test
  bool by_dimension = false;          ///< of a metric: one value for each dimension of z, not one
  bool without_latent = false;        ///< of a metric: also of decoders without z
  /// Of a metric: the values it can have, beyond which no interval is drawn.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// Refuses a spec whose key or option names are not identifiers, that declares an option twice or whose defaults do not
/// fit their own types; throws UsageError without a place. Registries call it for what they are given.
void check_spec(const ComponentSpec& spec);

/// "where schedule is linear", when `values` (of all options of its component) leave the option without effect.
std::string idle_reason(const OptionSpec& option, const std::map<std::string, Value>& values);

/// An option whose value does not go with that of another, and why ("heads", "hidden_dim", "4 does not divide
/// hidden_dim 10"); empty where all do. `values`: of all options of the component, named with `prefix`.
struct OptionConflict {
  std::string option, other, why;
};
OptionConflict conflict_of(const ComponentSpec& spec, const std::map<std::string, Value>& values,
                           const std::string& prefix = "");

/// "unknown option of bn_vae 'gama' (did you mean 'gamma'?); valid: ...".
std::string unknown_option(const ComponentSpec& spec, const std::string& name);

/// The value of `name`; throws Error when there is none or it has another type (a mistake in the code that asks).
/// T: bool, std::int64_t, double, std::string.
template <class T>
const T& value_of(const std::map<std::string, Value>& values, const std::string& name);

/// Resolved options of one component: every option of its spec has a value of its type.
class Options {
 public:
  Options() = default;
  /// Defaults of `spec`, overridden by `given`; throws UsageError for unknown names and bad values.
  Options(const ComponentSpec& spec, const std::map<std::string, Value>& given);

  bool boolean(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double real(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  const std::map<std::string, Value>& values() const { return values_; }

 private:
  std::map<std::string, Value> values_;
};

}  // namespace klbench

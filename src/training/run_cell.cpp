#include "training/run_cell.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "config/cell_files.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "data/dataset.h"
#include "metrics/evaluate.h"
#include "metrics/mean_space.h"
#include "metrics/metric.h"
#include "metrics/split_pass.h"
#include "metrics/to_vector.h"
#include "models/precision.h"
#include "storage/cell_file.h"
#include "storage/journal.h"
#include "training/checkpoint.h"
#include "training/divergence.h"
#include "training/final_results.h"
#include "training/learning_rate.h"
#include "training/run_record.h"
#include "training/selection.h"
#include "training/sidecars.h"
#include "training/trainer.h"

namespace klbench {

namespace {

constexpr std::int64_t kMeanSpacePoints = 500;

/// Scalars of an evaluation go into the record's metrics, vectors into its diagnostics as "<split>.<metric>".
void record_evaluation(EpochRecord& record, const std::string& split, const FinalMetrics& metrics) {
  for (const auto& [name, metric] : metrics) {
    if (metric.values.size() == 1) {
      record.metrics[split][name] = metric.values[0];
    } else {
      record.diagnostics[split + "." + name] = metric.values;
    }
  }
}

/// NaN where there is none.
double metric_or_nan(const std::map<std::string, double>& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? std::nan("") : found->second;
}

/// The life of one cell from its checkpoint (or the start) to its published file.
class CellRun {
 public:
  CellRun(const CellJob& job, const std::atomic<bool>& stop, const std::function<void(const CellProgress&)>& report)
      : job_(job),
        files_(job.folder, job.id),
        stop_(stop),
        report_(report),
        data_(load_dataset(job.config)),
        trainer_(job.config, data_),
        plan_(job.config),
        decay_(trainer_.options().patience, trainer_.options().max_decays, trainer_.options().min_decay_epoch),
        journal_(files_.journal(), job.id),
        record_(files_.run_record()),
        claim_(files_.divergence()) {
    for (const auto& [name, count] : data_->reading) record_.set(name, count);
    record_.set_cell(job.identity, job.config.text("trainer.device"));
    resume();
  }

  CellStatus run() {
    CellResult result;
    result.status = CellStatus::done;
    try {
      resumed_after_ = trainer_.progress().epochs_done();
      report(CellProgress::Stage::training);
      while (!trainer_.finished() && !stopped_early_) {
        if (!train_epoch()) {
          record_.write(CellStatus::interrupted);
          return CellStatus::interrupted;
        }
      }
      finish(result);
    } catch (const EvaluationStopped&) {  // of the end: the checkpoint is that of the last epoch
      record_.write(CellStatus::interrupted);
      return CellStatus::interrupted;
    } catch (const Diverged& diverged) {
      spdlog::error("{}", diverged.what());
      if (job_.on_diverged) job_.on_diverged(diverged.what());
      if (!confirm(diverged)) return CellStatus::unconfirmed;
      result.status = CellStatus::diverged;
      result.final.clear();
      result.facts["diverged"] = std::string(diverged.what());
      result.facts["diverged_step"] = diverged.step();
      result.facts["diverged_quantity"] = diverged.quantity();
    }
    publish(result);
    return result.status;
  }

 private:
  /// True where the attempt before ended in the same divergence; otherwise this one is noted, for a replay.
  bool confirm(const Diverged& diverged) {
    const auto earlier = claim_.earlier();
    if (earlier && earlier->same_as(diverged)) return true;
    claim_.make(diverged);
    record_.write(CellStatus::unconfirmed);
    if (!earlier) return false;
    throw Error(fmt::format(
        "{}, though the attempt before diverged at step {} ({}): not reproducible, a fault of memory or CPU?",
        diverged.what(), earlier->step(), earlier->quantity()));
  }

  /// Drops a claim behind whose step training has come.
  void check_claim() {
    const auto& earlier = claim_.earlier();
    if (!earlier || (trainer_.progress().step <= earlier->step() && !trainer_.finished())) return;
    spdlog::warn("the divergence of an earlier attempt at step {} ({}) did not come again: a fault of memory or CPU?",
                 earlier->step(), earlier->quantity());
    record_.add("unrepeated_divergences", 1);
    claim_.remove();
  }

  void resume() {
    const auto state = load_checkpoint(files_.checkpoint(), job_.id);
    const auto finished = state ? state->tensor("finished_epochs").item<std::int64_t>() : 0;
    if (state && static_cast<std::int64_t>(journal_.records().size()) == finished - 1) append_pending(*state);
    if (!state || static_cast<std::int64_t>(journal_.records().size()) < finished) {
      journal_.truncate_after(0);
      return;
    }
    journal_.truncate_after(finished);
    trainer_.load(*state);
    selection_.load(*state);
    decay_.set_state({state->tensor("plateau/best_loss").item<double>(),
                      state->tensor("plateau/without_gain").item<std::int64_t>(),
                      state->tensor("plateau/decays").item<std::int64_t>()});
    stopped_early_ = state->tensor("stopped_early").item<bool>();
    record_.resumed();
    spdlog::info("resumed after {} epochs, step {}", finished, trainer_.progress().step);
  }

  /// The record of a checkpoint's last epoch, where the process ended before the journal had it.
  void append_pending(const TensorFile& state) {
    const auto pending = state.tensors.find("record");
    if (pending == state.tensors.end()) return;
    const auto& bytes = pending->second;
    const auto record =
        decode_record({static_cast<const char*>(bytes.data_ptr()), static_cast<std::size_t>(bytes.numel())});
    if (record) journal_.append(*record);
  }

  /// `pending`: the record of the epoch that has just ended and is not in the journal yet.
  void checkpoint(const EpochRecord* pending = nullptr) {
    const auto start = Clock::now();
    TensorFile state;
    trainer_.save(state);
    selection_.save(state);
    const auto& plateau = decay_.state();
    state.tensors["plateau/best_loss"] = torch::tensor(plateau.best_loss, torch::kFloat64);
    state.tensors["plateau/without_gain"] = torch::tensor(plateau.without_gain, torch::kInt64);
    state.tensors["plateau/decays"] = torch::tensor(plateau.decays, torch::kInt64);
    state.tensors["stopped_early"] = torch::tensor(stopped_early_, torch::kBool);
    auto finished = static_cast<std::int64_t>(journal_.records().size());
    if (pending) {
      ++finished;
      std::string bytes = encode_record(*pending);
      state.tensors["record"] =
          torch::from_blob(bytes.data(), {static_cast<std::int64_t>(bytes.size())}, torch::kUInt8).clone();
    }
    state.tensors["finished_epochs"] = torch::tensor(finished, torch::kInt64);
    save_checkpoint(files_.checkpoint(), job_.id, state);
    record_.add("recording_seconds", seconds_since(start));
  }

  /// False: stopped within the epoch, checkpoint written.
  bool train_epoch() {
    const auto start = Clock::now();
    double recording = 0;
    const std::int64_t tokens = trainer_.tokens_seen();
    const double diagnostics = trainer_.diagnostics_seconds();
    const std::int64_t every = trainer_.options().checkpoint_every_steps;
    auto reported = start;
    const auto measure = [&] {
      const double seconds = seconds_since(start) - recording;
      tokens_per_second_ = static_cast<double>(trainer_.tokens_seen() - tokens) / seconds;
      return seconds;
    };
    const bool finished = trainer_.train_epoch([&] {
      record_.first_step_done();
      if (Clock::now() - reported > std::chrono::milliseconds(500)) {
        reported = Clock::now();
        measure();
        report(CellProgress::Stage::training);
      }
      if (every > 0 && trainer_.progress().step % every == 0) {
        const auto before = Clock::now();
        checkpoint();
        recording += seconds_since(before);
      }
      return !stop_.load();
    });
    record_.add_epoch(trainer_.tokens_seen() - tokens, measure());
    record_.add("diagnostics_seconds", trainer_.diagnostics_seconds() - diagnostics);
    if (finished) {
      end_epoch();
      report(CellProgress::Stage::epoch_ended);
    } else {
      checkpoint();
    }
    return finished && !(stop_.load() && !trainer_.finished());
  }

  void end_epoch() {
    const auto start = Clock::now();
    const auto& progress = trainer_.progress();
    EpochRecord record;
    record.epoch = progress.epoch;
    record.step = progress.step;
    record.metrics["train"] = trainer_.epoch_means();
    record.diagnostics = trainer_.epoch_diagnostics();
    const bool evaluated = progress.epoch % plan_.every == 0 || trainer_.finished();
    if (evaluated) {
      trainer_.gather_statistics();
      const Split& valid = data_->split("valid");
      auto options = trainer_.evaluation(false);
      options.mi_samples = mi_samples_by_epoch(options.mi_samples, valid.size());
      record_evaluation(record, "valid", evaluate(trainer_.model(), valid, options, data_.get()));
      const std::int64_t every = plan_.every;
      if (plan_.mean_space && trainer_.model()->has_latent() &&
          is_mean_space_moment((progress.epoch + every - 1) / every, (progress.epochs + every - 1) / every)) {
        record.diagnostics["mean_space"] =
            to_vector(mean_space(trainer_.model(), valid, kMeanSpacePoints, trainer_.evaluation(false)));
      }
    }
    for (auto& [name, values] : record.diagnostics) {
      for (auto& value : values) value = static_cast<float>(value);
    }
    Metrics numbers;
    for (const auto& [split, metrics] : record.metrics) {
      for (const auto& [name, value] : metrics) numbers[split + "/" + name] = value;
    }
    trainer_.tell_remedy(numbers);
    if (evaluated) select_and_decay(record);
    record_.add("evaluation_seconds", seconds_since(start));
    check_claim();
    // The journal acknowledges the epoch, so the checkpoint comes first: no acknowledged epoch is trained twice.
    checkpoint(&record);
    const auto appended = Clock::now();
    journal_.append(record);
    record_.add("recording_seconds", seconds_since(appended));
  }

  void select_and_decay(const EpochRecord& record) {
    const double elbo = record.metrics.at("valid").at("elbo");
    if (!std::isfinite(elbo)) throw Diverged(record.step, "valid ELBO", elbo);
    const bool complete = trainer_.schedule_complete();
    if (complete) selection_.observe(record.epoch, elbo, [this] { return trainer_.weights(); });
    if (trainer_.finished()) return;  // its weights are those that "_last" is about
    const auto action = decay_.observe(-elbo, complete, record.epoch);
    if (action == PlateauDecay::Action::none) return;
    if (action == PlateauDecay::Action::stop) {
      stopped_early_ = true;
      return;
    }
    trainer_.optimizer().set_lr(trainer_.optimizer().lr() * trainer_.options().decay);
    trainer_.optimizer().clear_state(kAllGroups);
    trainer_.set_weights(selection_.weights());
  }

  void finish(CellResult& result) {
    const auto start = Clock::now();
    const auto evaluate_as = [&](const char* suffix, bool with_nll, Progress::Mode mode) {
      add_final(trainer_, *data_, suffix, with_nll, mode, result);
    };
    report(CellProgress::Stage::evaluating);
    trainer_.stop_evaluations_by(stop_);
    // The last epoch's weights first: the selected ones are the model's state afterwards.
    evaluate_as("_last", false, Progress::Mode::eval);
    if (!selection_.empty() && selection_.epoch() != trainer_.progress().epoch) {
      trainer_.set_weights(selection_.weights());
      trainer_.gather_statistics();
    }
    evaluate_as("", true, Progress::Mode::eval);
    add_extras(trainer_, *data_, plan_, result);
    keep_files(kept_files(job_.config), files_, trainer_.model(), *data_, job_.config, trainer_.evaluation(false));
    if (trainer_.model()->has_latent() && trainer_.model()->remedy().uses_batch_statistics()) {
      evaluate_as("_running", false, Progress::Mode::eval_running);
    }
    record_.add("evaluation_seconds", seconds_since(start));
  }

  void add_course(CellResult& result) {
    auto& facts = result.facts;
    const auto& progress = trainer_.progress();
    const std::int64_t last = progress.epoch;
    facts["last_epoch"] = last;
    facts["selected_epoch"] = selection_.empty() ? last : selection_.epoch();
    facts["schedule_complete"] = trainer_.schedule_complete();
    facts["stopped_early"] = stopped_early_;
    facts["lr_decays"] = decay_.state().decays;
  }

  void publish(CellResult& result) {
    result.id = job_.id;
    result.method = job_.config.method();
    const CellConfig config = job_.config.of_result();
    result.config_yaml = config.canonical();
    result.config = config.flat();
    result.epochs = journal_.records();
    add_course(result);
    add_facts(trainer_, *data_, result);
    if (job_.before_publish) job_.before_publish();
    publish_cell(files_.result(), result);
    record_.write(result.status);
    claim_.remove();
    std::filesystem::remove(files_.checkpoint());
    std::filesystem::remove(files_.journal());
  }

  /// The valid ELBO of the last epoch that has one.
  double valid_elbo() const {
    const auto& records = journal_.records();
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
      if (const auto valid = record->metrics.find("valid"); valid != record->metrics.end()) {
        return metric_or_nan(valid->second, "elbo");
      }
    }
    return std::nan("");
  }

  void report(CellProgress::Stage stage) {
    const auto means = trainer_.epoch_means();
    CellProgress progress;
    progress.stage = stage;
    progress.epochs_done = trainer_.progress().epochs_done();
    progress.epochs = static_cast<double>(trainer_.progress().epochs);
    progress.resumed_after = resumed_after_;
    progress.loss = metric_or_nan(means, "loss");
    progress.kl = metric_or_nan(means, "kl");
    progress.valid_elbo = valid_elbo();
    progress.tokens_per_second = tokens_per_second_;
    progress.images = !is_text(data_->split("train"));
    report_(progress);
  }

  const CellJob& job_;
  const CellFiles files_;
  const std::atomic<bool>& stop_;
  const std::function<void(const CellProgress&)>& report_;
  std::shared_ptr<const Dataset> data_;
  Trainer trainer_;
  const EvaluationPlan plan_;
  PlateauDecay decay_;
  Selection selection_;
  Journal journal_;
  RunRecord record_;
  DivergenceClaim claim_;
  bool stopped_early_ = false;
  double resumed_after_ = 0;
  double tokens_per_second_ = std::nan("");  ///< of the epoch under way
};

}  // namespace

CellStatus run_cell(const CellJob& job, const std::atomic<bool>& stop,
                    const std::function<void(const CellProgress&)>& report) {
  nn::set_precision(job.config.text("trainer.precision"));
  know_metrics(MetricRegistry::instance().specs());
  return CellRun(job, stop, report).run();
}

}  // namespace klbench

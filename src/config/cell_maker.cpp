#include "config/cell_maker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/composition.h"
#include "config/offers.h"
#include "config/option_name.h"
#include "config/user_path.h"

namespace klbench {

namespace {

Place place_of(const Settings& settings, const std::string& name, const Place& otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : found->second.node->place;
}

}  // namespace

CellMaker::CellMaker(const OptionNames& names, bool resolve_paths) : names_(names), resolve_paths_(resolve_paths) {
  for (const auto& option : names.schema().options) defaults_.emplace(option.name, option.default_value);
}

void CellMaker::resolve_component(const Schema::Section& section, CellConfig& cell, const Settings& settings) const {
  const std::string prefix = section.name + ".", name_option = prefix + "name";
  const auto named = settings.find(name_option);
  Value key = names_.find(name_option, {})->default_value;
  if (named != settings.end()) {
    key = named->second.value;
  } else if (section.name == "model.prior") {
    if (names_.schema().families.at(cell.text("model.posterior.name")).domain == kSphere) key = section.otherwise;
  } else if (section.name != "data" && names_.schema().datasets.at(cell.text("data.name")).domain == kImage) {
    key = section.otherwise;
  }
  const ComponentSpec& spec = section.specs->at(std::get<std::string>(key));
  cell.values[name_option] = key;
  for (const auto& option : spec.options) cell.values[prefix + option.name] = option.default_value;
  for (auto it = settings.lower_bound(prefix); it != settings.end() && it->first.starts_with(prefix); ++it) {
    const auto& [name, setting] = *it;
    if (name == name_option || (setting.shared && !cell.values.contains(name))) continue;
    OptionSpec option = OptionNames::option_of(spec, name.substr(prefix.size()), setting.key_place);
    option.name = setting.shared ? "model." + option.name : name;  // as it is written
    Value value = option_value(option, *setting.node);
    if (option.is_path && resolve_paths_ && !setting.node->text.empty()) {
      value = resolve_path(setting.node->text, setting.node->place).string();
    }
    cell.values[name] = std::move(value);
  }
}

CellConfig CellMaker::make(const Settings& settings, const Composition& composition, const Settings& above) const {
  CellConfig cell;
  cell.values = defaults_;
  for (const auto& [name, setting] : settings) {
    if (defaults_.contains(name)) cell.values[name] = setting.value;
  }
  for (const auto& section : names_.component_sections()) resolve_component(section, cell, settings);
  for (const auto& [name, setting] : settings) {
    if (!setting.shared || cell.values.contains(name)) continue;
    const std::string option = last_part(name);
    const auto& sections = names_.component_sections();
    if (std::any_of(sections.begin(), sections.end(), [&](const auto& section) {
          return section.shares && cell.values.contains(fmt::format("{}.{}", section.name, option));
        }))
      continue;
    throw UsageError(setting.key_place,
                     fmt::format("neither encoder '{}' nor decoder '{}' has an option '{}'",
                                 cell.text("model.encoder.name"), cell.text("model.decoder.name"), option));
  }
  auto parts = composition.parts;
  make_canonical(parts, [](const PartEntry& part) -> const ComponentSpec& { return *part.spec; });
  for (const auto& part : parts) {
    std::map<std::string, Value> given;
    for (const auto& option : part.spec->options) {
      const std::string name = fmt::format("regularizer.{}.{}", part.spec->key, option.name);
      if (const auto found = settings.find(name); found != settings.end()) given[option.name] = found->second.value;
      if (const auto own = part.given.find(option.name); own != part.given.end())
        given[option.name] = own->second.value;
      if (const auto found = above.find(name); found != above.end()) given[option.name] = found->second.value;
    }
    cell.regularizer.push_back(
        {part.spec->key, Options(*part.spec, given), part.spec->needs_batch_statistics, part.spec->refines});
  }
  return cell;
}

void CellMaker::check_options(const CellConfig& cell, const Settings& settings, const Composition& composition) const {
  for (const auto& section : names_.component_sections()) {
    const std::string prefix = section.name + ".";
    if (!cell.values.contains(prefix + "name")) continue;
    const ComponentSpec& spec = section.specs->at(cell.text(prefix + "name"));
    const auto [option, other, why] = conflict_of(spec, cell.values, prefix);
    if (option.empty()) continue;
    const Place of_section = place_of(settings, prefix + "name", composition.place);
    throw UsageError(place_of(settings, prefix + option, place_of(settings, prefix + other, of_section)),
                     fmt::format("{}{}: {}", prefix, option, why));
  }
  for (const auto& part : cell.regularizer) {
    const auto [option, other, why] = conflict_of(names_.schema().regularizers.at(part.key), part.options.values());
    if (!option.empty())
      throw UsageError(composition.place, fmt::format("option '{}' of {}: {}", option, part.key, why));
  }
}

void CellMaker::check_offers(const CellConfig& cell, const Settings& settings, const Composition& composition) const {
  const Schema& schema = names_.schema();
  const auto check = [&](const std::string& who, const ComponentSpec& asking, const Place& place) {
    for (const auto& need : asking.needs) {
      for (const auto& section : names_.component_sections()) {
        std::vector<std::string> fitting;
        for (const auto& [name, spec] : *section.specs) {
          if (has(spec.offers, need)) fitting.push_back(name);
        }
        if (fitting.empty()) continue;  // another section's
        const std::string& key = cell.text(section.name + ".name");
        if (has(fitting, key)) continue;
        throw UsageError(
            place, fmt::format("{} '{}' wants {}, which {} '{}' does not have; set {} to one of: {}", who, asking.key,
                               need, section.what, key, section.name, fmt::join(fitting, ", ")));
      }
    }
  };
  for (const auto& part : cell.regularizer) check("regularizer", schema.regularizers.at(part.key), composition.place);
  const bool has_prior = cell.values.contains("model.prior.name");
  if (has_prior && schema.datasets.at(cell.text("data.name")).domain == kText) {
    check("prior", schema.priors.at(cell.text("model.prior.name")),
          place_of(settings, "model.prior.name", composition.place));
  }
}

void CellMaker::check_domains(const CellConfig& cell, const Settings& settings, const Composition& composition) const {
  const Schema& schema = names_.schema();
  const std::string dataset = cell.text("data.name");
  const std::string& domain = schema.datasets.at(dataset).domain;
  const auto of_others = [&](const ComponentSpec& spec) { return !spec.domain.empty() && spec.domain != domain; };
  const auto refusal = [&](const std::string& what, const ComponentSpec& spec) {
    return fmt::format("{} '{}' is for {}, and dataset '{}' has {}", what, spec.key,
                       spec.domain == kText ? "text" : "images", dataset, domain == kText ? "text" : "images");
  };
  for (const auto& section : names_.component_sections()) {
    const std::string option = section.name + ".name";
    if (!section.shares || !cell.values.contains(option)) continue;
    const ComponentSpec& spec = section.specs->at(cell.text(option));
    if (!of_others(spec)) continue;
    std::vector<std::string> fitting;
    for (const auto& [key, other] : *section.specs) {
      if (!of_others(other)) fitting.push_back(key);
    }
    const std::string& place_name = settings.contains(option) ? option : "data.name";
    throw UsageError(
        place_of(settings, place_name, composition.place),
        fmt::format("{}; set {} to one of: {}", refusal(section.what, spec), option, fmt::join(fitting, ", ")));
  }
  if (domain == kImage && cell.integer("keep.samples") > 0) {
    throw UsageError(place_of(settings, "keep.samples", composition.place),
                     fmt::format("keep.samples writes text, and dataset '{}' has images; set it to 0, the figure "
                                 "'images' shows some",
                                 dataset));
  }
  for (const auto& part : cell.regularizer) {
    const ComponentSpec& spec = schema.regularizers.at(part.key);
    if (of_others(spec)) throw UsageError(composition.place, refusal("regularizer", spec));
  }
}

void CellMaker::check_latent(const CellConfig& cell, const Settings& settings, const Composition& composition) const {
  const Schema& schema = names_.schema();
  if (!cell.values.contains("model.posterior.name")) return;
  const std::string posterior = cell.text("model.posterior.name"), prior = cell.text("model.prior.name");
  const ComponentSpec &family = schema.families.at(posterior), &of_prior = schema.priors.at(prior);
  const Place place = place_of(
      settings, settings.contains("model.prior.name") ? "model.prior.name" : "model.posterior.name", composition.place);
  const auto fits = [&](const ComponentSpec& other) {
    return (other.domain.empty() || other.domain == family.domain) && !(other.of_posteriors && family.own_draws_only);
  };
  if (!fits(of_prior)) {
    std::vector<std::string> fitting;
    for (const auto& [key, other] : schema.priors) {
      if (fits(other)) fitting.push_back(key);
    }
    throw UsageError(place, fmt::format("prior '{}' does not go with posterior '{}'{}; set model.prior to one of: {}",
                                        prior, posterior,
                                        of_prior.of_posteriors     ? ", which knows log q of its own draws only"
                                        : family.domain == kSphere ? ", which is on the unit sphere"
                                                                   : "",
                                        fmt::join(fitting, ", ")));
  }
  if (family.domain == kSphere && cell.integer("model.latent_dim") < 2) {
    throw UsageError(place, fmt::format("posterior '{}' wants model.latent_dim of at least 2", posterior));
  }
  constexpr const char* kEncoderNorm = "model.encoder.batch_norm";
  if (of_prior.of_posteriors && cell.values.contains(kEncoderNorm) && cell.boolean(kEncoderNorm)) {
    throw UsageError(place_of(settings, kEncoderNorm, place),
                     fmt::format("{}: prior '{}' encodes pseudo-inputs in every step, which would be normalised by "
                                 "their own statistics and move the running ones; set it to false",
                                 kEncoderNorm, prior));
  }
  if (cell.standard_latent()) return;
  const auto refuse = [&](const ComponentSpec& remedy, const std::string& why) {
    throw UsageError(composition.place, fmt::format("regularizer '{}' {}; here are posterior '{}' and prior '{}'",
                                                    remedy.key, why, posterior, prior));
  };
  for (const auto& part : cell.regularizer) {
    const ComponentSpec& remedy = schema.regularizers.at(part.key);
    if (!remedy.any_latent && !(remedy.sphere_latent && family.domain == kSphere)) {
      refuse(remedy, remedy.sphere_latent
                         ? "is defined for Gaussian posteriors and a standard normal prior, and for those on the sphere"
                         : "is defined for Gaussian posteriors and a standard normal prior");
    }
    if (has(remedy.replaces, "posterior") && family.domain == kSphere) refuse(remedy, "makes Gaussian posteriors");
    if (remedy.needs_batch_statistics && of_prior.of_posteriors)
      refuse(remedy, "normalises over the batch, of which pseudo-inputs are none");
    if (has(remedy.replaces, "train_step") && family.own_draws_only)
      refuse(remedy, "watches the mutual information, which this posterior does not have");
  }
}

void CellMaker::check_accumulation(const CellConfig& cell, const Settings& settings,
                                   const std::vector<const ComponentSpec*>& remedies) const {
  if (cell.integer("trainer.accumulate") == 1) return;
  const auto refuse = [&](const std::string& why) {
    throw UsageError(place_of(settings, "trainer.accumulate", {}), "trainer.accumulate: " + why);
  };
  for (const auto* spec : remedies) {
    if (!spec->asks_model) continue;
    refuse(
        fmt::format("'{}' encodes or decodes the batch again, which is never held as a whole; set it to 1", spec->key));
  }
  for (const char* option : {"model.encoder.batch_norm", "model.decoder.batch_norm"}) {
    if (!cell.values.contains(option) || !cell.boolean(option)) continue;
    refuse(fmt::format("batch normalisation inside the model would see the parts of a batch; set it to 1, or {}: false",
                       option));
  }
}

void CellMaker::check_effects(const CellConfig& cell, const Settings& settings, const Composition& composition,
                              const Settings& above) const {
  const auto refuse = [](const Place& place, const std::string& what, const std::string& why) {
    throw UsageError(place, fmt::format("{} has no effect {}: leave it out", what, why));
  };
  for (const auto& option : names_.schema().options) {
    if (option.only_where.empty() || cell.values.at(option.name) == option.default_value) continue;
    const std::string why = idle_reason(option, cell.values);
    if (!why.empty()) refuse(place_of(settings, option.name, {}), option.name, why);
  }
  for (const auto& part : cell.regularizer) {
    for (const auto& option : names_.schema().regularizers.at(part.key).options) {
      if (option.only_where.empty() || part.options.values().at(option.name) == option.default_value) continue;
      const std::string why = idle_reason(option, part.options.values());
      if (why.empty()) continue;
      const std::string name = fmt::format("regularizer.{}.{}", part.key, option.name);
      Place place = place_of(settings, name, composition.place);
      for (const auto& entry : composition.parts) {
        if (entry.spec->key == part.key) place = place_of(entry.given, option.name, place);
      }
      refuse(place_of(above, name, place), fmt::format("option '{}' of {}", option.name, part.key), why);
    }
  }
}

void CellMaker::finish(CellConfig& cell, const Settings& settings, const Composition& composition, bool asked) const {
  if (!cell.has_latent()) {
    for (const auto& part : composition.parts) {
      if (!asked || part.spec->key == "vae") continue;
      throw UsageError(composition.place,
                       fmt::format("'{}' cannot be used with model.latent_dim 0, a model without latent variable; "
                                   "give that a grid of its own (sweep: a list of maps)",
                                   part.spec->key));
    }
    cell.regularizer.clear();
    std::erase_if(cell.values, [](const auto& entry) {
      return entry.first.starts_with("model.encoder.") || entry.first.starts_with("model.posterior.") ||
             entry.first.starts_with("model.prior.");
    });
    const ComponentSpec& decoder = names_.schema().decoders.at(cell.text("model.decoder.name"));
    if (has(decoder.needs, kLatent)) {
      throw UsageError(place_of(settings, "model.latent_dim", composition.place),
                       fmt::format("decoder '{}' wants {}; set model.latent_dim to 1 or more, or another model.decoder",
                                   decoder.key, kLatent));
    }
  } else if (composition.parts.empty()) {
    throw UsageError(composition.place, "a VAE needs a regularizer; the plain one is 'vae'");
  }
  check_domains(cell, settings, composition);
  check_options(cell, settings, composition);
  check_offers(cell, settings, composition);
  check_latent(cell, settings, composition);
  if (cell.boolean("eval.mean_space") && cell.integer("model.latent_dim") > 1) {
    throw UsageError(
        place_of(settings, "eval.mean_space", composition.place),
        fmt::format("eval.mean_space wants model.latent_dim: 1, it is {} here", cell.integer("model.latent_dim")));
  }
  std::vector<const ComponentSpec*> specs;
  if (cell.has_latent()) {
    for (const auto& part : composition.parts) specs.push_back(part.spec);
  }
  try {
    check_composition(specs);
  } catch (const UsageError& error) {
    throw UsageError(composition.place, error.what());
  }
  check_accumulation(cell, settings, specs);
  for (const auto* spec : specs) {
    if (!spec->refines || cell.text("trainer.precision") != "bf16") continue;
    throw UsageError(
        place_of(settings, "trainer.precision", {}),
        fmt::format("trainer.precision: '{}' takes differences of gradients, for which bf16 is too coarse; "
                    "set f32",
                    spec->key));
  }
  if (cell.integer("trainer.batch_size") != 1 || cell.integer("trainer.accumulate") != 1) return;
  for (const auto* spec : specs) {
    if (!spec->needs_batch_statistics) continue;
    throw UsageError(place_of(settings, "trainer.batch_size", composition.place),
                     fmt::format("'{}' needs statistics over a batch, and trainer.batch_size is 1; raise it, or set "
                                 "trainer.accumulate, which makes one batch of several",
                                 spec->key));
  }
}

}  // namespace klbench

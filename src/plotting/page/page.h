#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// What a page shows beside the study's results, as far as it is there.
struct PageExtras {
  std::string source;                           ///< what names the study on the command line: "results/study.h5"
  std::map<std::string, std::string> labels{};  ///< cell id -> its short name, of cells without a result
  std::map<std::string, std::vector<std::string>>
      logs{};                                     ///< cell id -> the end of its log, of cells that are not done
  std::map<std::string, std::string> outcomes{};  ///< cell id -> its outcome.json, of cells with a result
  std::map<std::string, std::string> samples{};   ///< cell id -> its samples.txt (keep.samples)
};

/// The results of a study as one HTML page that needs nothing else: question, YAML, provenance, failures; the table
/// with the differences to any baseline, as make_tables finds them; curves, rate and distortion, KL by dimension,
/// latents, samples, cells. `d3`: the text of d3.min.js, version 5 or newer. What would make it too large is left out,
/// and the page says so: of 100 cells it has at most 3 MB.
std::string results_page(const StudyResult& study, const PageExtras& extras, const std::string& d3);

/// The data in it, as JSON.
std::string page_data(const StudyResult& study, const PageExtras& extras);

}  // namespace klbench

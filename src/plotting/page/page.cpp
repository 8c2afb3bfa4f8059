#include "plotting/page/page.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "plotting/page/assets.h"
#include "plotting/page/encode.h"
#include "plotting/page/parts.h"

namespace klbench {

namespace {

/// JSON in a script element: no "<" of it is the end of the element or the beginning of a comment.
std::string script_json(const page::Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, page::Json::error_handler_t::replace)) {
    out += c == '<' ? "\\u003c" : std::string(1, c);
  }
  return out;
}

page::Json metric_json(const std::set<std::string>& names) {
  page::Json all = page::Json::object();
  for (const auto& name : names) {
    const MetricInfo info = metric_info(name);
    all[name] = {{"long", info.long_name}, {"units", info.units == "1" ? "" : info.units}};
    if (info.has_direction) all[name]["better"] = info.higher_is_better ? "higher" : "lower";
  }
  return all;
}

/// The frame with its one "<!-- name -->" of each part replaced.
std::string filled(const std::string& frame, const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string out;
  std::size_t from = 0;
  for (const auto& [name, text] : parts) {
    const std::string mark = "<!-- " + name + " -->";
    const std::size_t at = frame.find(mark, from);
    if (at == std::string::npos) throw Error("page.html has no " + mark);
    out += frame.substr(from, at - from) + text;
    from = at + mark.size();
  }
  return out + frame.substr(from);
}

}  // namespace

std::string page_data(const StudyResult& study, const PageExtras& extras) {
  page::Sources sources(study, extras);
  const bool tested =
      std::any_of(study.cells.begin(), study.cells.end(), [](const auto& cell) { return cell.final.contains("test"); });
  const std::string split = tested ? "test" : "valid";
  const auto columns = page::table_metrics(sources, split);
  page::Json root = {{"study", page::header(sources)}, {"rows", page::rows(sources)}};
  root["table"] = page::table(sources, columns, split);
  root["cells"] = page::cells(sources, columns);
  root["curves"] = page::curves(sources);
  root["dimensions"] = page::dimensions(sources);
  root["latents"] = page::latents(sources);
  root["pictures"] = page::pictures(sources);
  root["texts"] = page::texts(sources);
  std::set<std::string> names(columns.begin(), columns.end());
  for (const auto* part : {&root["cells"]["finals"], &root["curves"]["splits"]}) {
    for (const auto& metrics : *part) {
      for (const auto& [name, values] : metrics.items()) names.insert(name);
    }
  }
  for (const auto& [name, values] : root["dimensions"].items()) names.insert(name);
  root["metrics"] = metric_json(names);
  root["limits"] = sources.limits;
  return script_json(root);
}

std::string results_page(const StudyResult& study, const PageExtras& extras, const std::string& d3) {
  return filled(std::string(kPageFrame), {{"title", html_escaped(one_line(study.name))},
                                          {"style", std::string(kPageStyle)},
                                          {"data", page_data(study, extras)},
                                          {"d3", d3},
                                          {"script", std::string(kPageScript)}});
}

}  // namespace klbench

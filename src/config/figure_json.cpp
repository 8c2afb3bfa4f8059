#include "config/figure_json.h"

#include <nlohmann/json.hpp>

namespace klbench {

namespace {

/// visit(key, member) for every field that is stored.
template <class Figure, class Visit>
void visit_fields(Figure& figure, const Visit& visit) {
  visit("name", figure.name);
  visit("kind", figure.kind);
  visit("title", figure.title);
  visit("metrics", figure.metrics);
  visit("split", figure.split);
  visit("over", figure.over);
  visit("floor", figure.floor);
  visit("log_x", figure.log_x);
  visit("log_y", figure.log_y);
  visit("only", figure.only);
  visit("width", figure.width);
  visit("height", figure.height);
  visit("aspect", figure.aspect);
  visit("legend", figure.legend);
  visit("notes", figure.notes);
  visit("x_limits", figure.x_limits);
  visit("y_limits", figure.y_limits);
  visit("dpi", figure.dpi);
  visit("transpose", figure.transpose);
  visit("names", figure.names);
}

}  // namespace

std::string figures_json(const std::vector<FigureSpec>& figures) {
  auto list = nlohmann::json::array();
  for (const auto& figure : figures) {
    auto node = nlohmann::json::object();
    visit_fields(figure, [&](const char* key, const auto& field) { node[key] = field; });
    list.push_back(std::move(node));
  }
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<FigureSpec> figures_of_json(const std::string& text) {
  std::vector<FigureSpec> figures;
  for (const auto& node : nlohmann::json::parse(text)) {
    FigureSpec& figure = figures.emplace_back();
    node.at("name");
    node.at("kind");
    visit_fields(figure, [&](const char* key, auto& field) {
      if (node.contains(key)) node.at(key).get_to(field);
    });
  }
  return figures;
}

}  // namespace klbench

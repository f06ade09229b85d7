// cli/planner.cpp - the planner's built-in data.
#include "cli/planner.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/home.hpp"
#include "config/planner_facts.hpp"

namespace ajar::cli {
namespace {

template <class T>
std::unexpected<Error> no_such(std::string_view kind, std::string_view name, const std::vector<T>& all) {
  std::vector<std::string> names;
  std::vector<std::string_view> views;
  for (const T& item : all) names.push_back(item.id);
  for (const std::string& known : names) views.push_back(known);
  const auto near = nearest(to_lower(name), views);
  return fail(Fault::config, fmt::format("the {} \"{}\" is not known{}; there are: {}", kind, name,
                                         near ? fmt::format("; did you mean \"{}\"?", *near) : "", join(names, ", ")));
}

}  // namespace

Result<std::unique_ptr<Planner>> planner(const std::string& measured) {
  auto made = std::make_unique<Planner>();
  auto gpus = config::built_in_gpus();
  if (!gpus) return forward(std::move(gpus));
  auto shapes = config::built_in_shapes();
  if (!shapes) return forward(std::move(shapes));
  made->gpus = std::move(*gpus);
  made->shapes = std::move(*shapes);
  auto points = plan::points_of(config::built_in_points(), made->gpus, made->shapes);
  if (!points) return forward(std::move(points));
  made->measured = std::move(*points);
  auto fitted = config::built_in_fitted();
  if (!fitted) return forward(std::move(fitted));
  made->predictor = std::make_unique<plan::Predictor>(std::move(*fitted), made->measured.rows);
  if (measured.empty()) return made;
  const auto text = read_input(measured);
  if (!text) return std::unexpected(text.error());
  auto own = plan::points_of(*text, made->gpus, made->shapes);
  if (!own) return fail(Fault::config, fmt::format("{}: {}", input_name(measured), own.error().message));
  for (const plan::Point& p : own->rows)
    if (const std::string why = p.reason.empty() ? plan::impossible(p.setup) : p.reason; !why.empty())
      return fail(Fault::config, fmt::format("{}:{}: {}", input_name(measured), p.line, why));
  made->own = std::move(*own);
  made->predictor->learn(made->own.rows);
  return made;
}

Result<const catalog::Gpu*> gpu_for(const Planner& p, std::string_view name) {
  if (const catalog::Gpu* gpu = catalog::gpu_named(p.gpus, name)) return gpu;
  return no_such("GPU", name, p.gpus);
}

Result<const catalog::Shape*> shape_for(const Planner& p, std::string_view name) {
  if (const catalog::Shape* shape = catalog::shape_named(p.shapes, name)) return shape;
  return no_such("model", name, p.shapes);
}

Result<plan::Trace> read_trace(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  auto trace = plan::trace_of(*text);
  if (!trace) return fail(Fault::config, fmt::format("{}: {}", input_name(file), trace.error().message));
  return trace;
}

}  // namespace ajar::cli

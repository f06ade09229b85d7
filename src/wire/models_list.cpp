// wire/models_list.cpp - lists of models in each dialect.
#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {
namespace {

json::Value entry(Dialect dialect, const ListedModel& model) {
  if (dialect == Dialect::anthropic_messages)
    return json::Value{{"type", "model"},
                       {"id", model.id},
                       {"display_name", model.id},
                       {"created_at", rfc3339(WallTime(std::chrono::seconds(model.created)))},
                       {"deprecated_at", nullptr},
                       {"retires_at", nullptr},
                       {"lifecycle", "active"},
                       {"line", nullptr},
                       {"max_input_tokens", nullptr},
                       {"max_tokens", nullptr},
                       {"capabilities", nullptr}};
  if (dialect == Dialect::gemini_generate) return json::Value{{"name", "models/" + model.id}, {"displayName", model.id}};
  json::Value value{{"id", model.id}, {"object", "model"}, {"created", model.created}, {"owned_by", model.owned_by}};
  if (model.simulated) value.set("simulated", true);
  return value;
}

}  // namespace

std::string model_entry(Dialect dialect, const ListedModel& model) { return json::write(entry(dialect, model)); }

std::string models_list(Dialect dialect, std::span<const ListedModel> models) {
  json::Array data;
  for (const ListedModel& model : models) data.push_back(entry(dialect, model));
  if (dialect == Dialect::gemini_generate) return json::write(json::Value{{"models", std::move(data)}});
  if (dialect != Dialect::anthropic_messages) return json::write(json::Value{{"object", "list"}, {"data", std::move(data)}});
  const json::Value first = models.empty() ? json::Value() : json::Value(models.front().id),
                    last = models.empty() ? json::Value() : json::Value(models.back().id);
  return json::write(json::Value{{"data", std::move(data)}, {"has_more", false}, {"first_id", first}, {"last_id", last}});
}

}  // namespace ajar::wire

// sim/ask.cpp - what the readers of all dialects share.
#include "sim/ask.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ajar::sim {

void collect(const json::Value& value, Ask& into) {
  if (const std::string* text = value.string()) {
    if (text->starts_with("data:"))
      ++into.media;
    else
      into.prompt.append(*text).push_back('\n');
  } else if (const json::Array* list = value.array()) {
    for (const json::Value& v : *list) collect(v, into);
  } else if (const json::Object* object = value.object()) {
    for (const json::Member& m : object->members) {
      if (m.key == "type" || m.key == "cache_control") continue;
      if ((m.key == "data" || m.key == "file_data") && m.value.is_string())
        ++into.media;
      else
        collect(m.value, into);
    }
  }
}

std::string text_of(const json::Value& content) {
  if (content.is_string()) return std::string(content.text());
  std::string text;
  if (const json::Array* parts = content.array())
    for (const json::Value& part : *parts)
      if (part["text"].is_string()) text.append(text.empty() ? "" : "\n").append(part["text"].text());
  return text;
}

std::unexpected<Error> refuse_field(std::string_view param, std::string message, std::string_view code) {
  return fail(Fault::bad_request, std::move(message), std::string(code), std::string(param));
}

Status need_model(const json::Value& body, Ask& into) {
  if (body["model"].text().empty()) return refuse_field("model", "you must provide a model parameter", "missing_required_parameter");
  into.model = body["model"].text();
  return ok();
}

Status need_messages(const json::Value& body, std::string_view key) {
  const json::Array* list = body[key].array();
  if (list == nullptr || list->empty()) return refuse_field(key, fmt::format("'{}' must be a list that is not empty", key), "invalid_type");
  for (std::size_t i = 0; i < list->size(); ++i)
    if (!(*list)[i].is_object()) return refuse_field(fmt::format("{}[{}]", key, i), "must be an object", "invalid_type");
  return ok();
}

Status read_count(const json::Value& body, std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& into) {
  if (body[key].is_null()) return ok();
  const auto n = body[key].integer();
  if (!n || *n < least || *n > most)
    return refuse_field(key, fmt::format("'{}' must be a whole number from {} to {}", key, least, most), "invalid_value");
  into = *n;
  return ok();
}

void read_stops(const json::Value& stop, Ask& into) {
  if (!stop.text().empty()) into.stops.emplace_back(stop.text());
  if (const json::Array* list = stop.array())
    for (const json::Value& s : *list)
      if (!s.text().empty()) into.stops.emplace_back(s.text());
}

void keep_only(Ask& ask, const std::vector<std::string_view>& names) {
  std::erase_if(ask.tools, [&](const Tool& t) { return std::ranges::find(names, t.name) == names.end(); });
}

}  // namespace ajar::sim

// wire/anthropic/schema.cpp - closing objects, moving bounds, finding recursion.
#include "wire/anthropic/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace ajar::wire {
namespace {

constexpr std::string_view bounds[] = {"minimum",       "maximum",       "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
                                       "minLength",     "maxLength",     "pattern",          "maxItems",         "uniqueItems",
                                       "minProperties", "maxProperties", "minContains",      "maxContains"};
constexpr std::string_view formats[] = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"};

bool holds_schemas(std::string_view key) { return key == "properties" || key == "$defs" || key == "definitions"; }
bool holds_values(std::string_view key) { return key == "enum" || key == "const" || key == "default" || key == "examples"; }

bool is_object_schema(const json::Value& schema) {
  const json::Value& type = schema["type"];
  if (const json::Array* types = type.array())
    return std::ranges::any_of(*types, [](const json::Value& t) { return t.text() == "object"; });
  return type.text() == "object" || (type.is_null() && schema["properties"].is_object());
}

class Closer {
 public:
  explicit Closer(bool& exact) : exact_(exact) {}

  void close(json::Value& schema) {
    if (json::Array* list = schema.array()) {
      for (json::Value& item : *list) close(item);
      return;
    }
    json::Object* object = schema.object();
    if (object == nullptr) return;
    move_bounds(*object);
    for (json::Member& member : object->members) {
      if (member.key == "oneOf") member.key = "anyOf";
      if (holds_schemas(member.key)) {
        if (json::Object* inner = member.value.object())
          for (json::Member& named : inner->members) close(named.value);
      } else if (!holds_values(member.key) && member.key != "additionalProperties") {
        close(member.value);
      }
    }
    if (!is_object_schema(schema)) return;
    if (const json::Value* more = object->find("additionalProperties"); more != nullptr && more->boolean() != false) exact_ = false;
    object->set("additionalProperties", false);
  }

 private:
  void move_bounds(json::Object& object) {
    std::string words;
    std::erase_if(object.members, [&](const json::Member& m) {
      const bool bound = std::ranges::find(bounds, m.key) != std::end(bounds) ||
                         (m.key == "minItems" && m.value.integer().value_or(2) > 1) ||
                         (m.key == "format" && m.value.is_string() && std::ranges::find(formats, m.value.text()) == std::end(formats));
      if (bound) words += fmt::format("{}{}: {}", words.empty() ? "" : ", ", m.key, json::write(m.value));
      return bound;
    });
    if (words.empty()) return;
    exact_ = false;
    const json::Value* before = object.find("description");
    const std::string text(before != nullptr ? before->text() : std::string_view());
    object.set("description", fmt::format("{}{}{{{}}}", text, text.empty() ? "" : "\n\n", words));
  }

  bool& exact_;
};

// Follows references from a schema; `open` are the ones that are being followed.
bool recurs(const json::Value& root, const json::Value& schema, std::vector<std::string_view>& open) {
  if (const json::Array* list = schema.array())
    return std::ranges::any_of(*list, [&](const json::Value& item) { return recurs(root, item, open); });
  const json::Object* object = schema.object();
  if (object == nullptr) return false;
  for (const json::Member& member : object->members) {
    if (member.key == "$ref") {
      const std::string_view to = member.value.text();
      if (to == "#" || std::ranges::find(open, to) != open.end()) return true;
      const std::size_t slash = to.rfind('/');
      const json::Value& target = to.starts_with("#/$defs/")         ? root["$defs"][to.substr(slash + 1)]
                                  : to.starts_with("#/definitions/") ? root["definitions"][to.substr(slash + 1)]
                                                                     : root["\x01"];
      open.push_back(to);
      if (recurs(root, target, open)) return true;
      open.pop_back();
    } else if (member.key == "properties") {
      if (const json::Object* properties = member.value.object())
        for (const json::Member& property : properties->members)
          if (recurs(root, property.value, open)) return true;
    } else if (!holds_schemas(member.key) && !holds_values(member.key) && recurs(root, member.value, open)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<json::Value> closed_schema(json::Value schema, bool& exact) {
  std::vector<std::string_view> open;
  if (recurs(schema, schema, open)) return std::nullopt;
  Closer(exact).close(schema);
  return schema;
}

}  // namespace ajar::wire

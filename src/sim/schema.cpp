// sim/schema.cpp - an instance of a JSON Schema.
#include "sim/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/text.hpp"
#include "sim/chance.hpp"

namespace ajar::sim {
namespace {

constexpr int most_depth = 24;     // deeper is given up
constexpr int optional_depth = 5;  // from here on only what is required
constexpr std::int64_t most_items = 64;

// "#/$defs/x" walked from the root; the null value when there is none.
const json::Value& resolve(const json::Value& root, std::string_view ref) {
  const json::Value* at = &root;
  if (!ref.starts_with('#')) return root["\x01"];
  for (std::string_view step : split(ref.substr(1), '/')) {
    if (step.empty()) continue;
    std::string name;
    for (std::size_t i = 0; i < step.size(); ++i) {  // ~1 is '/', ~0 is '~'
      if (step[i] == '~' && i + 1 < step.size())
        name.push_back(step[++i] == '1' ? '/' : '~');
      else
        name.push_back(step[i]);
    }
    const auto index = to_int(name);
    at = at->is_array() && index ? &at->at(static_cast<std::size_t>(*index)) : &(*at)[name];
  }
  return *at;
}

// Keywords that say the type where none is given.
std::string_view type_by_keywords(const json::Value& schema) {
  struct Sign {
    std::string_view key, type;
  };
  constexpr std::array<Sign, 11> signs{{{"properties", "object"},
                                        {"additionalProperties", "object"},
                                        {"required", "object"},
                                        {"items", "array"},
                                        {"prefixItems", "array"},
                                        {"minItems", "array"},
                                        {"minimum", "number"},
                                        {"maximum", "number"},
                                        {"multipleOf", "number"},
                                        {"pattern", "string"},
                                        {"format", "string"}}};
  for (const Sign& sign : signs)
    if (!schema[sign.key].is_null()) return sign.type;
  return "string";
}

class Maker {
 public:
  Maker(const json::Value& root, std::uint64_t seed) : root_(root), seed_(seed) {}

  json::Value make(const json::Value& schema, std::string_view name, int depth) {
    if (!schema.is_object() || depth > most_depth) return json::Value(fmt::format("{} text", name));
    if (const std::string_view ref = schema["$ref"].text(); !ref.empty()) return make(resolve(root_, ref), name, depth + 1);
    if (!schema["const"].is_null()) return schema["const"];
    if (const json::Array* values = schema["enum"].array(); values != nullptr && !values->empty()) return (*values)[draw(values->size())];
    if (schema["allOf"].is_array()) return make(merged(schema, *schema["allOf"].array()), name, depth + 1);
    for (const std::string_view key : {"anyOf", "oneOf"})
      if (const json::Array* ways = schema[key].array(); ways != nullptr && !ways->empty())
        return make(merged(schema, {way(*ways, depth)}), name, depth + 1);
    if (const json::Array* examples = schema["examples"].array(); examples != nullptr && !examples->empty()) return examples->front();
    for (const std::string_view key : {"default", "example"})
      if (!schema[key].is_null()) return schema[key];
    return of_type(type_of(schema), schema, name, depth);
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return (seed_ = mix(seed_, 1)) % below; }

  // Deep down the way that ends is taken: null, or one that is not an object again.
  static const json::Value& way(const json::Array& ways, int depth) {
    const auto plain = [](const json::Value& w) {
      const std::string type = to_lower(w["type"].text());
      return w["$ref"].is_null() && type != "object" && type != "array";
    };
    if (depth > optional_depth)
      for (const json::Value& w : ways)
        if (plain(w)) return w;
    for (const json::Value& w : ways)
      if (to_lower(w["type"].text()) != "null") return w;
    return ways.front();
  }

  // The parts joined: members of properties and required add up, the rest of a later part wins.
  json::Value merged(const json::Value& schema, const json::Array& parts) {
    json::Value whole(json::Object{});
    const auto add = [&](const json::Value& from) {
      const json::Value& part = from["$ref"].is_string() ? resolve(root_, from["$ref"].text()) : from;
      if (!part.is_object()) return;
      for (const json::Member& m : part.object()->members) {
        if (m.key == "properties" && whole["properties"].is_object() && m.value.is_object()) {
          for (const json::Member& p : m.value.object()->members) whole.object()->find("properties")->set(p.key, p.value);
        } else if (m.key == "required" && whole["required"].is_array() && m.value.is_array()) {
          for (const json::Value& r : *m.value.array()) whole.object()->find("required")->push(r);
        } else {
          whole.set(m.key, m.value);
        }
      }
    };
    json::Value base = schema;
    for (const std::string_view key : {"allOf", "anyOf", "oneOf"}) base.object()->erase(key);
    add(base);
    for (const json::Value& part : parts) add(part);
    return whole;
  }

  static std::string type_of(const json::Value& schema) {
    if (const json::Array* types = schema["type"].array()) {
      for (const json::Value& t : *types)
        if (to_lower(t.text()) != "null") return to_lower(t.text());
      return "null";
    }
    const std::string type = to_lower(schema["type"].text());
    return type.empty() || type == "type_unspecified" ? std::string(type_by_keywords(schema)) : type;
  }

  json::Value of_type(std::string_view type, const json::Value& schema, std::string_view name, int depth) {
    if (type == "object") return object(schema, depth);
    if (type == "array") return array(schema, name, depth);
    if (type == "boolean") return json::Value(draw(2) == 1);
    if (type == "null") return json::Value();
    if (type == "integer" || type == "number") return number(schema, type == "integer");
    return text(schema, name);
  }

  static bool is_required(const json::Value& schema, std::string_view name) {
    const json::Array* required = schema["required"].array();
    return required != nullptr && std::ranges::any_of(*required, [&](const json::Value& r) { return r.text() == name; });
  }

  json::Value object(const json::Value& schema, int depth) {
    json::Value made(json::Object{});
    if (const json::Object* properties = schema["properties"].object())
      for (const json::Member& p : properties->members)
        if (depth < optional_depth || is_required(schema, p.key)) made.set(p.key, make(p.value, p.key, depth + 1));
    if (const json::Array* required = schema["required"].array())  // asked for but not described
      for (const json::Value& r : *required)
        if (r.is_string() && made[r.text()].is_null() && schema["properties"][r.text()].is_null())
          made.set(r.text(), make(schema["additionalProperties"], r.text(), depth + 1));
    const auto least = schema["minProperties"].integer().value_or(0);
    for (std::int64_t i = 1; std::cmp_less(made.object()->size(), std::min(least, most_items)); ++i) {
      const std::string key = fmt::format("key{}", i);
      made.set(key, make(schema["additionalProperties"], key, depth + 1));
    }
    return made;
  }

  json::Value array(const json::Value& schema, std::string_view name, int depth) {
    json::Array made;
    if (const json::Array* first = schema["prefixItems"].array())
      for (const json::Value& item : *first) made.push_back(make(item, name, depth + 1));
    const auto least = count_of(schema["minItems"]).value_or(0), most = count_of(schema["maxItems"]).value_or(most_items);
    const std::int64_t usual = depth < optional_depth && !schema["items"].is_null() ? 2 : 0;
    const std::int64_t wanted = std::min(std::clamp(std::max(usual, least), least, std::max(least, most)), most_items);
    for (int tries = 0; std::cmp_less(made.size(), wanted) && tries < 1000; ++tries) {
      json::Value item = make(schema["items"], name, depth + 1);
      if (schema["uniqueItems"].boolean() != true || std::ranges::find(made, item) == made.end())
        made.push_back(std::move(item));
      else if (std::cmp_greater_equal(made.size(), least) && tries > 20)
        break;
    }
    return json::Value(std::move(made));
  }

  // A bound; Gemini's JSON may hold it as a string.
  static std::optional<std::int64_t> count_of(const json::Value& v) { return v.is_string() ? to_int(v.text()) : v.integer(); }

  json::Value number(const json::Value& schema, bool whole) {
    double low = schema["minimum"].number().value_or(-1e15), high = schema["maximum"].number().value_or(1e15);
    const double step = schema["multipleOf"].number().value_or(whole ? 1 : 0);
    const double nudge = step > 0 ? step : std::max(1e-9, (high - low) * 1e-6);
    if (const auto above = schema["exclusiveMinimum"].number()) low = std::max(low, *above + (whole ? 1 : nudge));
    if (const auto below = schema["exclusiveMaximum"].number()) high = std::min(high, *below - (whole ? 1 : nudge));
    double value = static_cast<double>(1 + draw(40)) + (whole || step > 0 ? 0 : 0.5);
    if (low > -1e15 && value < low) value = low;
    if (value > high) value = low > -1e15 ? low + (high - low) / 2 : high;
    if (step > 0) {
      value = std::floor(value / step + 1e-9) * step;
      if (value < low) value += step;
    }
    const bool fits = value == std::floor(value) && std::abs(value) < 9e15;
    return fits ? json::Value(static_cast<std::int64_t>(value)) : json::Value(value);
  }

  json::Value text(const json::Value& schema, std::string_view name) {
    if (const std::string_view pattern = schema["pattern"].text(); !pattern.empty()) return json::Value(match_of(pattern, draw(~0u)));
    if (const std::string_view known = by_format(schema["format"].text()); !known.empty()) return json::Value(known);
    constexpr std::array<std::string_view, 8> words{"amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath"};
    std::string made = name.empty() ? std::string(words[draw(words.size())]) : fmt::format("{} {}", name, words[draw(words.size())]);
    const auto least = static_cast<std::size_t>(std::clamp<std::int64_t>(count_of(schema["minLength"]).value_or(0), 0, 1 << 20));
    const auto most =
        std::max(least, static_cast<std::size_t>(std::clamp<std::int64_t>(count_of(schema["maxLength"]).value_or(1 << 20), 0, 1 << 20)));
    while (made.size() < least) made += " and more";
    made.resize(clipped(made, most).size());  // counted in bytes, so never too long
    return json::Value(std::move(made));
  }

  static std::string_view by_format(std::string_view format) {
    struct Known {
      std::string_view format, text;
    };
    constexpr std::array<Known, 14> table{{{"date", "2026-03-14"},
                                           {"date-time", "2026-03-14T15:09:26Z"},
                                           {"time", "15:09:26Z"},
                                           {"duration", "P3DT4H"},
                                           {"email", "someone@example.com"},
                                           {"hostname", "host.example.com"},
                                           {"ipv4", "192.0.2.1"},
                                           {"ipv6", "2001:db8::1"},
                                           {"uri", "https://example.com/page"},
                                           {"url", "https://example.com/page"},
                                           {"uri-reference", "/page"},
                                           {"uuid", "123e4567-e89b-42d3-a456-426614174000"},
                                           {"byte", "c2ltdWxhdGVk"},
                                           {"json-pointer", "/a/0"}}};
    for (const Known& known : table)
      if (known.format == format) return known.text;
    return {};
  }

  const json::Value& root_;
  std::uint64_t seed_;
};

}  // namespace

json::Value instance_of(const json::Value& schema, std::uint64_t seed) { return Maker(schema, seed).make(schema, {}, 0); }

}  // namespace ajar::sim

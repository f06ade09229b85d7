// wire/openai/messages.cpp - pieces of Chat requests.
#include "wire/openai/messages.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace ajar::wire {

std::string text_of_content(const json::Value& content) {
  if (content.is_string()) return *content.string();
  std::string text;
  if (const json::Array* parts = content.array())
    for (const json::Value& part : *parts) text.append(part["text"].text(part["refusal"].text()));
  return text;
}

std::string reminder(std::string_view text) { return fmt::format("<system-reminder>{}</system-reminder>", text); }

json::Value custom_as_function(const json::Value& tool) {
  const json::Value& custom = tool["custom"];
  json::Value parameters{{"type", "object"}, {"properties", json::Value{{"input", json::Value{{"type", "string"}}}}}, {"required", json::Value(json::Array{})}};
  parameters.object()->find("required")->push("input");
  json::Value function{{"name", custom["name"]}};
  if (custom["description"].is_string()) function.set("description", custom["description"]);
  function.set("parameters", std::move(parameters));
  return json::Value{{"type", "function"}, {"function", std::move(function)}};
}

void keep_allowed(json::Value& tools, const json::Value& allowed) {
  const json::Array* names = allowed.array();
  if (names == nullptr || !tools.is_array()) return;
  const auto name_of_tool = [](const json::Value& tool) { return tool["function"]["name"].text(tool["custom"]["name"].text(tool["name"].text())); };
  std::erase_if(*tools.array(), [&](const json::Value& tool) {
    for (const json::Value& item : *names)
      if (name_of_tool(item) == name_of_tool(tool)) return false;
    return true;
  });
}

std::optional<DataUrl> data_url(std::string_view url) {
  constexpr std::string_view mark = ";base64,";
  if (!url.starts_with("data:")) return std::nullopt;
  const std::size_t at = url.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  return DataUrl{to_lower(url.substr(5, at - 5)), url.substr(at + mark.size())};
}

Result<DataUrl> fetched_url(std::string_view url, std::span<const Fetched> fetched, std::string param) {
  for (const Fetched& item : fetched) {
    if (item.url != url) continue;
    std::string type = to_lower(trim(std::string_view(item.media_type).substr(0, item.media_type.find(';'))));
    if (type == "image/jpg") type = "image/jpeg";
    return DataUrl{std::move(type), item.base64};
  }
  return fail(Fault::bad_request, fmt::format("{}: this route's model needs the bytes and remote addresses are not fetched here; send the content as a data: URL", param), "unsupported_by_route", param);
}

json::Value arguments_object(std::string_view arguments, Notes& notes) {
  if (trim(arguments).empty()) return json::Value(json::Object{});
  auto read = json::read(arguments);
  if (read && read->is_object()) return std::move(*read);
  notes.approximated("tool_arguments");
  return json::Value{{"_raw", arguments}};
}

namespace {

// Parts without what only OpenAI knows; images as bytes where the engine does not fetch.
Status clean_parts(json::Array& parts, std::size_t message, const Profile& profile, std::span<const Fetched> fetched) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].object()->erase("prompt_cache_breakpoint");
    json::Object* image = parts[i].is_object() && parts[i]["image_url"].is_object() ? parts[i].object()->find("image_url")->object() : nullptr;
    if (image == nullptr || profile.image_url || image->find("url") == nullptr) continue;
    const std::string url(image->find("url")->text());
    if (url.starts_with("data:")) continue;
    auto bytes = fetched_url(url, fetched, fmt::format("messages[{}].content[{}].image_url", message, i));
    if (!bytes) return forward(std::move(bytes));
    image->set("url", fmt::format("data:{};base64,{}", bytes->media_type, bytes->base64));
  }
  return ok();
}

}  // namespace

Status clean_messages(json::Value& messages, const Profile& profile, std::span<const Fetched> fetched, Notes& notes) {
  json::Array out;
  std::string system;
  bool leading = true, has_system = false;
  for (std::size_t i = 0; i < messages.array()->size(); ++i) {
    json::Value message = std::move((*messages.array())[i]);
    const std::string role(message["role"].text());
    if (role == "system" || role == "developer") {
      if (leading) {
        if (has_system) system += "\n\n";
        system += text_of_content(message["content"]);
        has_system = true;
        continue;
      }
      if (profile.system_mid) {
        message.set("role", "system");
      } else {
        message = json::Value{{"role", "user"}, {"content", reminder(text_of_content(message["content"]))}};
        notes.approximated("system_position");
      }
    } else if (leading) {
      leading = false;
      if (has_system) out.push_back(json::Value{{"role", "system"}, {"content", system}});
    }
    json::Object& object = *message.object();
    for (const std::string_view field : {"name", "thinking_blocks", "extra_content", "audio"}) object.erase(field);
    if (const json::Value* refusal = object.find("refusal")) {
      if (refusal->is_string() && text_of_content(message["content"]).empty()) object.set("content", *refusal->string());
      object.erase("refusal");
    }
    if (json::Value* content = object.find("content"); content != nullptr && content->is_array())
      if (auto done = clean_parts(*content->array(), i, profile, fetched); !done) return done;
    out.push_back(std::move(message));
  }
  if (leading && has_system) out.push_back(json::Value{{"role", "system"}, {"content", system}});
  messages = json::Value(std::move(out));
  return ok();
}

}  // namespace ajar::wire

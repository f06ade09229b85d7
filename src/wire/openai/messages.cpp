// wire/openai/messages.cpp - pieces of Chat requests.
#include "wire/openai/messages.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "wire/cross.hpp"

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
  json::Value parameters{{"type", "object"},
                         {"properties", json::Value{{"input", json::Value{{"type", "string"}}}}},
                         {"required", json::Value(json::Array{})}};
  parameters.object()->find("required")->push("input");
  json::Value function{{"name", custom["name"]}};
  if (custom["description"].is_string()) function.set("description", custom["description"]);
  function.set("parameters", std::move(parameters));
  return json::Value{{"type", "function"}, {"function", std::move(function)}};
}

void keep_allowed(json::Value& tools, const json::Value& allowed) {
  const json::Array* names = allowed.array();
  if (names == nullptr || !tools.is_array()) return;
  const auto name_of_tool = [](const json::Value& tool) {
    return tool["function"]["name"].text(tool["custom"]["name"].text(tool["name"].text()));
  };
  std::erase_if(*tools.array(), [&](const json::Value& tool) {
    for (const json::Value& item : *names)
      if (name_of_tool(item) == name_of_tool(tool)) return false;
    return true;
  });
}

namespace {

// "Image/JPG; charset=binary" is image/jpeg.
std::string plain_type(std::string_view type) {
  std::string plain = to_lower(trim(type.substr(0, type.find(';'))));
  if (plain == "image/jpg") plain = "image/jpeg";
  return plain;
}

}  // namespace

std::optional<DataUrl> data_url(std::string_view url) {
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos || !iequal(url.substr(0, 5), "data:")) return std::nullopt;
  const std::string_view about = url.substr(5, comma - 5);
  if (about.size() < 7 || !iequal(about.substr(about.size() - 7), ";base64")) return std::nullopt;
  return DataUrl{plain_type(about), url.substr(comma + 1)};
}

Result<DataUrl> fetched_url(std::string_view url, std::span<const Fetched> fetched, std::string param) {
  for (const Fetched& item : fetched) {
    if (item.url != url) continue;
    return DataUrl{plain_type(item.media_type), item.base64};
  }
  return fail(
      Fault::bad_request,
      fmt::format("{}: this route's model needs the bytes and remote addresses are not fetched here; send the content as a data: URL",
                  param),
      "unsupported_by_route", param);
}

json::Value arguments_object(std::string_view arguments, Notes& notes) {
  if (trim(arguments).empty()) return json::Value(json::Object{});
  auto read = json::read(arguments);
  if (read && read->is_object()) return std::move(*read);
  notes.approximated("tool_arguments");
  return json::Value{{"_raw", arguments}};
}

void modernise_messages(json::Array& messages) {
  std::string last;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    json::Object* message = messages[i].object();
    if (message == nullptr) continue;
    if (messages[i]["function_call"].is_object() && messages[i]["tool_calls"].is_null()) {
      last = fmt::format("call_{}_0", i);
      json::Array calls;
      calls.push_back(json::Value{{"id", last}, {"type", "function"}, {"function", messages[i]["function_call"]}});
      message->set("tool_calls", std::move(calls));
    }
    message->erase("function_call");
    if (messages[i]["role"].text() != "function") continue;
    message->set("role", "tool");
    message->set("tool_call_id", last);
    message->erase("name");
    if (messages[i]["content"].is_null()) message->set("content", "");
  }
}

json::Value tools_of_functions(const json::Value& functions) {
  json::Array tools;
  if (const json::Array* list = functions.array())
    for (const json::Value& function : *list) tools.push_back(json::Value{{"type", "function"}, {"function", function}});
  return tools;
}

json::Value choice_of_function_call(const json::Value& call) {
  return call.is_object() ? json::Value{{"type", "function"}, {"function", call}} : call;
}

namespace {

// Calls of custom tools stand for calls of functions with one string.
void plain_calls(json::Value& message) {
  json::Value* calls = message.object()->find("tool_calls");
  if (calls == nullptr || calls->array() == nullptr) return;
  for (json::Value& call : *calls->array()) {
    if (!call["custom"].is_object()) continue;
    const std::string arguments = json::write(json::Value{{"input", call["custom"]["input"].text()}});
    call = json::Value{
        {"id", call["id"]}, {"type", "function"}, {"function", json::Value{{"name", call["custom"]["name"]}, {"arguments", arguments}}}};
  }
}

// Parts without what only OpenAI knows; images as bytes where the engine does not fetch.
Status clean_parts(json::Array& parts, std::size_t message, const Profile& profile, std::span<const Fetched> fetched) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].is_object())
      return fail(Fault::bad_request, "a part of a message must be an object", "invalid_value",
                  fmt::format("messages[{}].content[{}]", message, i));
    if (parts[i]["type"].text() == "file")
      return unsupported(fmt::format("messages[{}].content[{}].file", message, i), "this engine takes no files; send their text");
    parts[i].object()->erase("prompt_cache_breakpoint");
    json::Object* image =
        parts[i].is_object() && parts[i]["image_url"].is_object() ? parts[i].object()->find("image_url")->object() : nullptr;
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
  modernise_messages(*messages.array());
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
    for (const std::string_view field : {"thinking_blocks", "extra_content", "audio"}) object.erase(field);
    plain_calls(message);
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

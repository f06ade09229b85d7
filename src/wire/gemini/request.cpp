// wire/gemini/request.cpp - contents, tools and generation settings in Gemini's words.
#include "wire/gemini/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "wire/openai/messages.hpp"
#include "wire/prepare.hpp"

namespace ajar::wire {
namespace {

constexpr std::size_t most_stops = 5;

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {
      "model", "messages",    "max_tokens",      "max_completion_tokens", "stream",           "stream_options", "stop",
      "tools", "tool_choice", "response_format", "reasoning_effort",      "temperature",      "top_p",          "top_k",
      "n",     "logprobs",    "top_logprobs",    "frequency_penalty",     "presence_penalty", "seed",           "service_tier"};
  static constexpr std::string_view quiet[] = {"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "prediction", "user",
                                               "safety_identifier"};
  static constexpr std::string_view refused[] = {"modalities", "audio", "web_search_options", "moderation"};
  if (std::ranges::find(carried, field) != std::end(carried)) return Fate::carried;
  if (std::ranges::find(quiet, field) != std::end(quiet)) return Fate::quiet;
  return std::ranges::find(refused, field) != std::end(refused) ? Fate::refused : Fate::dropped;
}

std::string image_type_of(std::string_view url) {
  const std::string path = to_lower(url.substr(0, url.find_first_of("?#")));
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".png", "image/png"}, {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"}, {".webp", "image/webp"},
      {".gif", "image/gif"}, {".heic", "image/heic"}, {".heif", "image/heif"}};
  for (const auto& [ending, type] : types)
    if (path.ends_with(ending)) return std::string(type);
  return {};
}

class Request {
 public:
  Request(const Envelope& e, const Target& target) : e_(e), target_(target), profile_(*target.profile) {}

  Result<Carried> build() {
    auto read = prepare(e_, fate_of, notes_);
    if (!read) return forward(std::move(read));
    in_ = std::move(*read);
    if (auto paired = pair_results(in_); !paired) return forward(std::move(paired));
    Carried carried;
    carried.custom_tools = replace_custom_tools(in_, notes_);
    Stops stops = share_stops(in_, most_stops, true, notes_);
    if (!stops.carried.empty()) config_.set("stopSequences", std::move(stops.carried));
    carried.stops = std::move(stops.emulated);
    body_ = json::Value(json::Object{});
    if (auto done = messages(); !done) return forward(std::move(done));
    tools();
    settings();
    if (auto done = thinking(); !done) return forward(std::move(done));
    if (!config_.object()->empty()) body_.set("generationConfig", std::move(config_));
    service_tier();
    const std::string_view call = e_.stream ? "streamGenerateContent?alt=sse" : "generateContent";
    carried.outbound = outbound_of(fmt::format("/v1beta/models/{}:{}", target_.model, call), body_, e_.stream, notes_);
    return carried;
  }

 private:
  Status messages() {
    const json::Array& list = *in_["messages"].array();
    json::Array system;
    bool leading = true;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const json::Value& message = list[i];
      const std::string_view role = message["role"].text();
      if (role == "system" || role == "developer") {
        const std::string text = text_of_content(message["content"]);
        if (leading) {
          system.push_back(json::Value{{"text", text}});
        } else {
          append("user", json::Value{{"text", reminder(text)}});
          notes_.approximated("system_position");
        }
        continue;
      }
      leading = false;
      if (role == "assistant")
        assistant(message);
      else if (role == "tool")
        tool_result(message);
      else if (auto done = user(message, i); !done)
        return done;
    }
    if (contents_.empty()) return fail(Fault::bad_request, "messages must hold something of the user", "invalid_value", "messages");
    if (!system.empty()) body_.set("systemInstruction", json::Value{{"parts", std::move(system)}});
    body_.set("contents", std::move(contents_));
    return ok();
  }

  // Consecutive parts of one role stand in one content; empty texts that carry nothing are refused there.
  void append(std::string_view role, json::Value part) {
    if (part["text"].is_string() && part["text"].text().empty() && part["thoughtSignature"].is_null()) return;
    if (contents_.empty() || contents_.back()["role"].text() != role)
      contents_.push_back(json::Value{{"role", role}, {"parts", json::Value(json::Array{})}});
    contents_.back().object()->find("parts")->push(std::move(part));
  }

  Status user(const json::Value& message, std::size_t index) {
    const json::Value& content = message["content"];
    if (content.is_string()) {
      append("user", json::Value{{"text", content}});
      return ok();
    }
    const json::Array* parts = content.array();
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
      auto part = user_part((*parts)[i], fmt::format("messages[{}].content[{}]", index, i));
      if (!part) return forward(std::move(part));
      append("user", std::move(*part));
    }
    return ok();
  }

  Result<json::Value> user_part(const json::Value& part, const std::string& param) {
    const std::string_view type = part["type"].text();
    if (type == "text") return json::Value{{"text", part["text"]}};
    if (type == "image_url") return image(part["image_url"], param);
    if (type == "input_audio") {
      const std::string_view format = part["input_audio"]["format"].text();
      return inline_data(format == "mp3" ? "audio/mp3" : fmt::format("audio/{}", format), part["input_audio"]["data"].text());
    }
    if (type == "file") {
      const std::string_view bytes = part["file"]["file_data"].text();
      if (bytes.empty()) return unsupported(param + ".file.file_id", "files live with one provider only; send file_data");
      const auto data = data_url(bytes);
      return inline_data(data ? data->media_type : "application/pdf", data ? data->base64 : bytes);
    }
    return unsupported(param, "a part of this type is not known");
  }

  static json::Value inline_data(std::string_view type, std::string_view base64) {
    return json::Value{{"inlineData", json::Value{{"mimeType", type}, {"data", base64}}}};
  }

  Result<json::Value> image(const json::Value& image, const std::string& param) {
    const std::string_view url = image["url"].text();
    json::Value part;
    if (const auto data = data_url(url)) {
      part = inline_data(data->media_type, data->base64);
    } else if (std::string type = image_type_of(url); profile_.image_url && !type.empty()) {
      part = json::Value{{"fileData", json::Value{{"fileUri", url}, {"mimeType", type}}}};
    } else {
      auto bytes = fetched_url(url, target_.fetched, param + ".image_url");
      if (!bytes) return forward(std::move(bytes));
      part = inline_data(bytes->media_type, bytes->base64);
    }
    const std::string_view detail = image["detail"].text("auto");
    if (detail == "auto") return part;
    if (profile_.thinking == Thinking::level)  // Gemini 3 and later
      part.set("mediaResolution", json::Value{{"level", detail == "low"    ? "MEDIA_RESOLUTION_LOW"
                                                        : detail == "high" ? "MEDIA_RESOLUTION_HIGH"
                                                                           : "MEDIA_RESOLUTION_ULTRA_HIGH"}});
    else
      notes_.dropped("image_url.detail");
    return part;
  }

  static json::Value signature_of(const json::Value& from) { return from["extra_content"]["google"]["thought_signature"]; }

  void assistant(const json::Value& message) {
    const std::string text = text_of_content(message["content"]) + std::string(message["refusal"].text());
    json::Value said{{"text", text}};
    if (json::Value signature = signature_of(message); signature.is_string()) said.set("thoughtSignature", std::move(signature));
    append("model", std::move(said));
    const json::Array* calls = message["tool_calls"].array();
    for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) {
      PastCall call = past_call((*calls)[i], notes_);
      names_.insert_or_assign(std::string(call.id), std::string(call.name));
      json::Value part{{"functionCall", json::Value{{"id", call.id}, {"name", call.name}, {"args", std::move(call.arguments)}}}};
      // Gemini 3 refuses a step whose first call lost its signature; this value tells it that there is none.
      if (json::Value signature = signature_of((*calls)[i]); signature.is_string())
        part.set("thoughtSignature", std::move(signature));
      else if (i == 0 && profile_.signatures_required)
        part.set("thoughtSignature", "skip_thought_signature_validator");
      append("model", std::move(part));
    }
  }

  void tool_result(const json::Value& message) {
    const std::string text = text_of_content(message["content"]);
    auto object = json::read(text);
    json::Value response = object && object->is_object() ? std::move(*object) : json::Value{{"output", text}};
    const std::string_view id = message["tool_call_id"].text();
    append("user", json::Value{{"functionResponse",
                                json::Value{{"id", id}, {"name", names_.find(id)->second}, {"response", std::move(response)}}}});
  }

  void tools() {
    if (!in_["tools"].is_array()) return;
    json::Array declarations;
    for (const json::Value& tool : *in_["tools"].array()) {
      const json::Value& function = tool["function"];
      json::Value item{{"name", function["name"]}};
      if (function["description"].is_string()) item.set("description", function["description"]);
      if (function["parameters"].is_object()) item.set("parametersJsonSchema", function["parameters"]);
      declarations.push_back(std::move(item));
    }
    json::Value list(json::Array{});
    list.push(json::Value{{"functionDeclarations", std::move(declarations)}});
    body_.set("tools", std::move(list));
    if (json::Value calling = calling_of(in_["tool_choice"]); !calling.is_null())
      body_.set("toolConfig", json::Value{{"functionCallingConfig", std::move(calling)}});
    if (in_["parallel_tool_calls"].boolean() == false) notes_.dropped("parallel_tool_calls");
  }

  static json::Value calling_of(const json::Value& choice) {
    json::Value calling;
    if (choice.text() == "auto")
      calling = json::Value{{"mode", "AUTO"}};
    else if (choice.text() == "none")
      calling = json::Value{{"mode", "NONE"}};
    else if (choice.text() == "required")
      calling = json::Value{{"mode", "ANY"}};
    else if (choice["type"].text() == "function" || choice["type"].text() == "custom") {
      calling = json::Value{{"mode", "ANY"}};
      calling.set("allowedFunctionNames", json::Array{}).push(choice[choice["type"].text()]["name"]);
    } else if (choice["type"].text() == "allowed_tools") {
      calling = json::Value{{"mode", choice["allowed_tools"]["mode"].text() == "required" ? "ANY" : "VALIDATED"}};
      json::Value& names = calling.set("allowedFunctionNames", json::Array{});
      if (const json::Array* allowed = choice["allowed_tools"]["tools"].array())
        for (const json::Value& tool : *allowed)
          names.push(tool["function"]["name"].text(tool["custom"]["name"].text(tool["name"].text())));
    }
    return calling;
  }

  void service_tier() {
    const std::string_view tier = in_["service_tier"].text("auto");
    if (tier == "default")
      body_.set("serviceTier", "standard");
    else if (tier == "flex" || tier == "priority")
      body_.set("serviceTier", tier);
    else if (tier != "auto")
      notes_.dropped("service_tier");
  }

  void settings() {
    static constexpr std::pair<std::string_view, std::string_view> names[] = {{"temperature", "temperature"},
                                                                              {"top_p", "topP"},
                                                                              {"top_k", "topK"},
                                                                              {"seed", "seed"},
                                                                              {"n", "candidateCount"},
                                                                              {"frequency_penalty", "frequencyPenalty"},
                                                                              {"presence_penalty", "presencePenalty"}};
    for (const auto& [from, to] : names)
      if (!in_[from].is_null() && !(from == "n" && in_[from].integer() == 1)) config_.set(to, in_[from]);
    if (const std::int64_t limit = output_limit(in_); limit != 0) config_.set("maxOutputTokens", limit);
    if (in_["logprobs"].boolean() == true) {
      config_.set("responseLogprobs", true);
      if (in_["top_logprobs"].integer().value_or(0) > 0) config_.set("logprobs", in_["top_logprobs"]);
    }
    const std::string_view format = in_["response_format"]["type"].text();
    if (format == "json_schema" || format == "json_object") config_.set("responseMimeType", "application/json");
    const json::Value& schema = in_["response_format"]["json_schema"]["schema"];
    if (format == "json_schema" && schema.is_object()) config_.set("responseJsonSchema", schema);
  }

  Status thinking() {
    const std::string_view effort = effort_of(in_);
    if (effort.empty()) return ok();
    json::Value config;
    if (profile_.thinking == Thinking::level)
      config.set("thinkingLevel", level_of(effort));
    else if (profile_.thinking == Thinking::budget)
      config.set("thinkingBudget", budget_of(effort));
    else if (effort != "none")
      notes_.dropped("reasoning_effort");
    if (config.is_null()) return ok();
    if (effort != "none") config.set("includeThoughts", true);
    config_.set("thinkingConfig", std::move(config));
    return ok();
  }

  // Pro models cannot stop thinking.
  bool is_pro() const { return target_.model.find("-pro") != std::string_view::npos; }

  std::string_view level_of(std::string_view effort) {
    const bool has_minimal =
        profile_.efforts.empty() ? !is_pro() : std::ranges::find(profile_.efforts, "minimal") != profile_.efforts.end();
    if (effort == "low") return "LOW";
    if (effort == "medium") return "MEDIUM";
    if (effort == "high") return "HIGH";
    if (effort == "minimal" && has_minimal) return "MINIMAL";
    notes_.approximated("reasoning_effort");
    if (effort == "xhigh" || effort == "max") return "HIGH";
    return has_minimal ? "MINIMAL" : "LOW";
  }

  std::int64_t budget_of(std::string_view effort) {
    if (effort == "none") {
      if (!is_pro()) return 0;
      notes_.approximated("reasoning_effort");  // Pro always thinks a little
      return 128;
    }
    if (effort == "minimal" || effort == "low") return 1024;
    if (effort == "medium") return 8192;
    return effort == "high" ? 24576 : 32768;
  }

  const Envelope& e_;
  const Target& target_;
  const Profile& profile_;
  json::Value in_, body_, config_{json::Object{}};
  Notes notes_;
  json::Array contents_;
  std::map<std::string, std::string, std::less<>> names_;  // of functions, by call id
};

}  // namespace

Result<Carried> gemini_request(const Envelope& envelope, const Target& target) { return Request(envelope, target).build(); }

}  // namespace ajar::wire

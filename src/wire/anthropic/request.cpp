// wire/anthropic/request.cpp - turns, tools, thinking and limits in Anthropic's words.
#include "wire/anthropic/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "wire/openai/messages.hpp"

namespace ajar::wire {
namespace {

constexpr std::int64_t default_limit = 8192;   // Messages demands one; used when the model's own is not known
constexpr std::int64_t smallest_budget = 1024;

Fate fate_of(std::string_view field) {
  static constexpr std::string_view carried[] = {"model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options", "stop", "tools", "tool_choice", "parallel_tool_calls",
                                                 "response_format", "reasoning_effort", "user", "safety_identifier", "temperature", "top_p", "top_k", "service_tier"};
  static constexpr std::string_view quiet[] = {"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "prediction"};
  static constexpr std::string_view refused[] = {"n", "logprobs", "top_logprobs", "modalities", "audio", "web_search_options", "moderation", "functions", "function_call"};
  if (std::ranges::find(carried, field) != std::end(carried)) return Fate::carried;
  if (std::ranges::find(quiet, field) != std::end(quiet)) return Fate::quiet;
  return std::ranges::find(refused, field) != std::end(refused) ? Fate::refused : Fate::dropped;
}

std::string safe_id(std::string_view id) {
  std::string out(id);
  for (char& c : out)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-')) c = '_';
  return out;
}

bool is_blank(std::string_view text) { return trim(text).empty(); }

json::Value text_block(std::string_view text) { return json::Value{{"type", "text"}, {"text", text}}; }

class Request {
 public:
  Request(const Envelope& e, const Target& target) : e_(e), target_(target), profile_(*target.profile) {}

  Result<Outbound> build() {
    auto read = json::read(e_.body);
    if (!read) return forward(std::move(read));
    in_ = std::move(*read);
    if (auto settled = settle_fields(in_, fate_of, notes_); !settled) return forward(std::move(settled));
    body_ = json::Value{{"model", target_.model}, {"max_tokens", 0}};
    if (auto done = messages(); !done) return forward(std::move(done));
    if (auto done = tools(); !done) return forward(std::move(done));
    response_format();
    limits();
    if (json::Array stop = stop_sequences(in_); !stop.empty()) body_.set("stop_sequences", std::move(stop));
    service_tier();
    const std::string_view user = in_["safety_identifier"].text(in_["user"].text());
    if (!user.empty()) body_.set("metadata", json::Value{{"user_id", user}});
    if (e_.stream) body_.set("stream", true);
    if (system_.empty()) body_.object()->erase("system");
    Outbound out;
    out.path = "/v1/messages";
    out.headers = {{"content-type", "application/json"}, {"accept", e_.stream ? "text/event-stream" : "application/json"}, {"anthropic-version", version_}};
    out.body.owned = json::write(body_);
    out.body.spans = {{false, 0, out.body.owned.size()}};
    out.warnings = std::move(notes_.list);
    return out;
  }

 private:
  // Turns, in which consecutive messages of one role are one.
  struct Turn { std::string_view role; json::Value content; std::size_t results = 0; };

  Status messages() {
    const json::Array& list = *in_["messages"].array();
    bool leading = true;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const json::Value& message = list[i];
      const std::string_view role = message["role"].text();
      Status done = ok();
      if (role == "system" || role == "developer") done = leading ? system(message, i) : later_system(message, i, list);
      else if (role == "assistant") done = assistant(message, i);
      else if (role == "tool") done = tool_result(message, i);
      else done = user(message, i);
      if (!done) return done;
      if (role != "system" && role != "developer") leading = false;
    }
    json::Array out;
    for (Turn& turn : turns_) {
      if (turn.content.is_array() && turn.content.array()->empty()) continue;
      out.push_back(json::Value{{"role", turn.role}, {"content", std::move(turn.content)}});
    }
    if (!system_.empty()) body_.set("system", system_.size() == 1 && system_plain_ ? system_.front()["text"] : json::Value(system_));
    body_.set("messages", std::move(out));
    return ok();
  }

  json::Value with_breakpoint(json::Value block, const json::Value& part) {
    if (part["prompt_cache_breakpoint"].is_null() || breakpoints_ >= 4) return block;
    ++breakpoints_;
    block.set("cache_control", json::Value{{"type", "ephemeral"}, {"ttl", "1h"}});
    notes_.approximated("prompt_cache_breakpoint");
    return block;
  }

  Status system(const json::Value& message, std::size_t) {
    const json::Value& content = message["content"];
    if (content.is_string()) {
      if (!is_blank(*content.string())) system_.push_back(text_block(*content.string()));
    } else if (const json::Array* parts = content.array()) {
      system_plain_ = false;
      for (const json::Value& part : *parts)
        if (!is_blank(part["text"].text())) system_.push_back(with_breakpoint(text_block(part["text"].text()), part));
    }
    return ok();
  }

  // In its place where the model takes it there; else as a reminder in the user's turn.
  Status later_system(const json::Value& message, std::size_t i, const json::Array& list) {
    const bool after_user = !turns_.empty() && turns_.back().role == "user";
    const bool before_assistant = i + 1 == list.size() || list[i + 1]["role"].text() == "assistant";
    const std::string text = text_of_content(message["content"]);
    if (is_blank(text)) return ok();
    if (profile_.system_mid && after_user && before_assistant) {
      turns_.push_back({"system", text});
    } else {
      append("user", text_block(reminder(text)), false);
      notes_.approximated("system_position");
    }
    return ok();
  }

  // Opens a turn or goes on with the one before when it has the same role.
  Turn& turn(std::string_view role) {
    if (turns_.empty() || turns_.back().role != role) turns_.push_back({role, json::Value(json::Array{})});
    Turn& last = turns_.back();
    if (last.content.is_string()) {
      json::Array blocks;
      blocks.push_back(text_block(*last.content.string()));
      last.content = json::Value(std::move(blocks));
    }
    return last;
  }

  void append(std::string_view role, json::Value block, bool result) {
    Turn& last = turn(role);
    json::Array& blocks = *last.content.array();
    if (result) blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(last.results++), std::move(block));
    else blocks.push_back(std::move(block));
  }

  Status user(const json::Value& message, std::size_t index) {
    const json::Value& content = message["content"];
    if (content.is_string()) {
      const bool fresh = turns_.empty() || turns_.back().role != "user";
      if (is_blank(*content.string())) return ok();
      if (fresh) turns_.push_back({"user", *content.string()});
      else append("user", text_block(*content.string()), false);
      return ok();
    }
    const json::Array* parts = content.array();
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
      auto block = user_block((*parts)[i], fmt::format("messages[{}].content[{}]", index, i));
      if (!block) return forward(std::move(block));
      if (!block->is_null()) append("user", with_breakpoint(std::move(*block), (*parts)[i]), false);
    }
    return ok();
  }

  Result<json::Value> user_block(const json::Value& part, const std::string& param) {
    const std::string_view type = part["type"].text();
    if (type == "text") return is_blank(part["text"].text()) ? json::Value() : text_block(part["text"].text());
    if (type == "image_url") return image(part["image_url"], param);
    if (type == "file") return file(part["file"], param);
    return unsupported(param, type == "input_audio" ? "the model takes no audio" : "a part of this type is not known");
  }

  Result<json::Value> image(const json::Value& image, const std::string& param) {
    if (const auto detail = image["detail"].text("auto"); detail != "auto") notes_.dropped("image_url.detail");
    const std::string_view url = image["url"].text();
    const auto data = data_url(url);
    if (!data) {
      if (!url.starts_with("https://") && !url.starts_with("http://")) return unsupported(param, "an image must be an http(s) address or a base64 data: URL");
      return json::Value{{"type", "image"}, {"source", json::Value{{"type", "url"}, {"url", url}}}};
    }
    static constexpr std::string_view types[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
    const std::string type = data->media_type == "image/jpg" ? "image/jpeg" : data->media_type;
    if (std::ranges::find(types, type) == std::end(types)) return unsupported(param, "images must be jpeg, png, gif or webp");
    return json::Value{{"type", "image"}, {"source", json::Value{{"type", "base64"}, {"media_type", type}, {"data", data->base64}}}};
  }

  Result<json::Value> file(const json::Value& file, const std::string& param) {
    const std::string_view bytes = file["file_data"].text();
    if (bytes.empty()) return unsupported(param, "a file_id belongs to another provider; send file_data");
    const auto data = data_url(bytes);
    if (data && data->media_type != "application/pdf") return unsupported(param, "only PDF files can be sent");
    json::Value block{{"type", "document"}, {"source", json::Value{{"type", "base64"}, {"media_type", "application/pdf"}, {"data", data ? data->base64 : bytes}}}};
    if (file["filename"].is_string()) block.set("title", file["filename"]);
    return block;
  }

  Status assistant(const json::Value& message, std::size_t index) {
    json::Array blocks;
    if (const json::Array* thinking = message["thinking_blocks"].array())
      for (const json::Value& block : *thinking)
        // A signature that another provider made is refused there.
        if (!block["signature"].text().starts_with("ajar-")) {
          blocks.push_back(block);
          blocks.back().object()->erase("index");
        }
    const json::Value& content = message["content"];
    if (content.is_string() && !is_blank(*content.string())) blocks.push_back(text_block(*content.string()));
    if (const json::Array* parts = content.array())
      for (const json::Value& part : *parts)
        if (const auto text = part["text"].text(part["refusal"].text()); !is_blank(text)) blocks.push_back(with_breakpoint(text_block(text), part));
    if (const auto refusal = message["refusal"].text(); !is_blank(refusal)) blocks.push_back(text_block(refusal));
    if (const json::Array* calls = message["tool_calls"].array())
      for (std::size_t i = 0; i < calls->size(); ++i) {
        const json::Value& call = (*calls)[i];
        const bool custom = call["type"].text() == "custom";
        json::Value input = custom ? json::Value{{"input", call["custom"]["input"]}} : arguments_object(call["function"]["arguments"].text(), notes_);
        const json::Value& name = custom ? call["custom"]["name"] : call["function"]["name"];
        if (!name.is_string() || !call["id"].is_string()) return unsupported(fmt::format("messages[{}].tool_calls[{}]", index, i), "it needs an id and a name");
        blocks.push_back(json::Value{{"type", "tool_use"}, {"id", safe_id(call["id"].text())}, {"name", name}, {"input", std::move(input)}});
      }
    const bool fresh = turns_.empty() || turns_.back().role != "assistant";
    if (fresh && content.is_string() && blocks.size() == 1 && blocks.front()["type"].text() == "text") {
      turns_.push_back({"assistant", *content.string()});
      return ok();
    }
    for (json::Value& block : blocks) append("assistant", std::move(block), false);
    return ok();
  }

  Status tool_result(const json::Value& message, std::size_t index) {
    if (!message["tool_call_id"].is_string()) return unsupported(fmt::format("messages[{}].tool_call_id", index), "it must be given");
    append("user", json::Value{{"type", "tool_result"}, {"tool_use_id", safe_id(message["tool_call_id"].text())}, {"content", text_of_content(message["content"])}}, true);
    return ok();
  }

  Status tools() {
    if (!e_.needs.tools) return ok();
    json::Value list = in_["tools"];
    const json::Value& choice = in_["tool_choice"];
    if (choice["type"].text() == "allowed_tools") keep_allowed(list, choice["allowed_tools"]["tools"]);
    json::Array out;
    for (const json::Value& given : *list.array()) {
      const bool custom = given["type"].text() == "custom";
      if (custom) notes_.emulated("tools");
      const json::Value tool = custom ? custom_as_function(given) : given;
      const json::Value& function = tool["function"];
      json::Value item{{"name", function["name"]}};
      if (function["description"].is_string()) item.set("description", function["description"]);
      item.set("input_schema", function["parameters"].is_object() ? function["parameters"] : json::Value{{"type", "object"}, {"properties", json::Value(json::Object{})}});
      if (function["strict"].boolean() == true) item.set("strict", true);
      out.push_back(std::move(item));
    }
    body_.set("tools", std::move(out));
    json::Value chosen;
    const std::string_view word = choice.text(choice["type"].text() == "allowed_tools" ? choice["allowed_tools"]["mode"].text("auto") : std::string_view());
    if (word == "auto" || word == "none") chosen = json::Value{{"type", word}};
    else if (word == "required") chosen = json::Value{{"type", "any"}};
    else if (choice["type"].text() == "function") chosen = json::Value{{"type", "tool"}, {"name", choice["function"]["name"]}};
    else if (choice["type"].text() == "custom") chosen = json::Value{{"type", "tool"}, {"name", choice["custom"]["name"]}};
    const bool serial = in_["parallel_tool_calls"].boolean() == false;
    if (serial && chosen.is_null()) chosen = json::Value{{"type", "auto"}};
    if (serial && chosen["type"].text() != "none") chosen.set("disable_parallel_tool_use", true);
    forced_ = chosen["type"].text() == "any" || chosen["type"].text() == "tool";
    if (!chosen.is_null()) body_.set("tool_choice", std::move(chosen));
    return ok();
  }

  // Every object is closed, bounds become words: that is the subset which Messages takes.
  void sanitise(json::Value& schema) {
    static constexpr std::string_view bounds[] = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "pattern"};
    if (json::Array* list = schema.array()) {
      for (json::Value& item : *list) sanitise(item);
      return;
    }
    json::Object* object = schema.object();
    if (object == nullptr) return;
    std::string words;
    for (const std::string_view bound : bounds)
      if (const json::Value* value = object->find(bound); value != nullptr && !value->is_object()) {
        words += fmt::format("{}{}: {}", words.empty() ? "" : ", ", bound, json::write(*value));
        object->erase(bound);
        notes_.approximated("response_format");
      }
    if (!words.empty()) {
      const std::string before((*object).find("description") != nullptr ? object->find("description")->text() : std::string_view());
      object->set("description", before.empty() ? words : before + " (" + words + ")");
    }
    for (json::Member& member : object->members) {
      if (member.key == "properties" || member.key == "$defs" || member.key == "definitions") {
        if (json::Object* inner = member.value.object())
          for (json::Member& property : inner->members) sanitise(property.value);
      } else if (member.key != "enum" && member.key != "const" && member.key != "default" && member.key != "examples") {
        sanitise(member.value);
      }
    }
    if (schema["type"].text() == "object") schema.set("additionalProperties", false);
  }

  void response_format() {
    const json::Value& format = in_["response_format"];
    if (format["type"].text() == "json_schema") {
      json::Value schema = format["json_schema"]["schema"];
      sanitise(schema);
      body_.set("output_config", json::Value{{"format", json::Value{{"type", "json_schema"}, {"schema", std::move(schema)}}}});
    } else if (format["type"].text() == "json_object") {
      notes_.emulated("response_format");
      constexpr std::string_view instruction = "Respond with a single JSON object.";
      if (system_.size() == 1 && system_plain_) body_.set("system", std::string(system_.front()["text"].text()) + "\n\n" + std::string(instruction));
      else system_.push_back(text_block(instruction)), body_.set("system", system_.size() == 1 ? json::Value(instruction) : json::Value(system_));
      if (system_.empty()) system_.push_back(text_block(instruction));
    }
  }

  // Limit, thinking and sampling hang together: a budget must fit under the limit, and thinking rules out sampling on budget models.
  void limits() {
    std::int64_t limit = output_limit(in_);
    const bool given = limit != 0;
    if (!given) limit = profile_.max_output_tokens != 0 ? profile_.max_output_tokens : default_limit;
    bool thinks = false;
    const std::string_view effort = effort_of(in_);
    if (!effort.empty() && profile_.thinking == Thinking::adaptive) thinks = adaptive(effort);
    else if (!effort.empty() && profile_.thinking == Thinking::budget) thinks = budget(effort, limit, given);
    else if (!effort.empty() && effort != "none") notes_.dropped("reasoning_effort");
    body_.set("max_tokens", limit);
    sampling(thinks && profile_.thinking == Thinking::budget);
  }

  bool adaptive(std::string_view effort) {
    if (effort == "none") {
      body_.set("thinking", json::Value{{"type", "disabled"}});
      return false;
    }
    std::string_view level = effort;
    if (effort == "minimal") level = "low";
    else if (std::ranges::find(profile_.efforts, effort) == profile_.efforts.end() && (effort == "xhigh" || effort == "max")) level = "high";
    if (level != effort) notes_.approximated("reasoning_effort");
    body_.set("thinking", json::Value{{"type", "adaptive"}, {"display", "summarized"}});
    if (body_.object()->find("output_config") == nullptr) body_.set("output_config", json::Value(json::Object{}));
    body_.object()->find("output_config")->set("effort", level);
    return true;
  }

  bool budget(std::string_view effort, std::int64_t& limit, bool given) {
    if (effort == "none") return false;
    if (forced_) {   // a forced tool call and thinking exclude each other
      notes_.dropped("reasoning_effort");
      return false;
    }
    std::int64_t tokens = effort == "minimal" || effort == "low" ? 1024 : effort == "medium" ? 8192 : effort == "high" ? 24576 : 32000;
    if (tokens == 32000) notes_.approximated("reasoning_effort");
    if (tokens >= limit) {
      if (!given) {
        limit = tokens + 1024;
      } else if (limit > smallest_budget) {
        tokens = std::max(smallest_budget, limit - 1);
        notes_.approximated("reasoning_effort");
      } else {
        notes_.dropped("reasoning_effort");
        return false;
      }
      if (tokens >= limit) tokens = limit - 1;
    }
    body_.set("thinking", json::Value{{"type", "enabled"}, {"budget_tokens", tokens}});
    return true;
  }

  void sampling(bool thinks) {
    const json::Value &temperature = in_["temperature"], &top_p = in_["top_p"], &top_k = in_["top_k"];
    const auto given = [](const json::Value& v) { return !v.is_null(); };
    if (!profile_.accepts_sampling || thinks) {
      if (given(temperature)) notes_.dropped("temperature");
      if (given(top_p)) notes_.dropped("top_p");
      if (given(top_k)) notes_.dropped("top_k");
      return;
    }
    if (given(temperature)) {
      const bool above = temperature.number().value_or(0) > 1;
      if (above) notes_.approximated("temperature");
      body_.set("temperature", above ? json::Value(1) : temperature);
      if (given(top_p)) notes_.dropped("top_p");
    } else if (given(top_p)) {
      body_.set("top_p", top_p);
    }
    if (given(top_k)) body_.set("top_k", top_k);
    if (given(temperature) || given(top_p) || given(top_k)) version_ = "2023-06-01";
  }

  void service_tier() {
    const std::string_view tier = in_["service_tier"].text();
    if (tier == "auto") body_.set("service_tier", "auto");
    else if (tier == "default") body_.set("service_tier", "standard_only");
    else if (!tier.empty()) notes_.dropped("service_tier");
  }

  const Envelope& e_;
  const Target& target_;
  const Profile& profile_;
  json::Value in_, body_;
  Notes notes_;
  json::Array system_;
  bool system_plain_ = true;   // every system message was a plain string
  std::vector<Turn> turns_;
  int breakpoints_ = 0;
  bool forced_ = false;
  std::string version_ = "2026-10-21";
};

}  // namespace

Result<Outbound> anthropic_request(const Envelope& envelope, const Target& target) { return Request(envelope, target).build(); }

}  // namespace ajar::wire

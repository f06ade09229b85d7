// wire/openai/request.cpp - top-level fields kept, renamed, replaced or left out; everything else byte for byte.
#include "wire/openai/request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "wire/notes.hpp"
#include "wire/openai/messages.hpp"

namespace ajar::wire {
namespace {

// Puts the body together from spans of the caller's bytes and new text.
class Splicer {
 public:
  explicit Splicer(std::string_view inbound) { body_.inbound = inbound; }
  void raw(std::size_t at, std::size_t end) {
    if (!body_.spans.empty() && body_.spans.back().from_inbound && body_.spans.back().at + body_.spans.back().length == at)
      body_.spans.back().length += end - at;
    else
      body_.spans.push_back({true, at, end - at});
  }
  void text(std::string_view fresh) {
    if (!body_.spans.empty() && !body_.spans.back().from_inbound)
      body_.spans.back().length += fresh.size();
    else
      body_.spans.push_back({false, body_.owned.size(), fresh.size()});
    body_.owned.append(fresh);
  }
  Body take() { return std::move(body_); }

 private:
  Body body_;
};

struct Change {
  enum class Kind : std::uint8_t { keep, leave_out, rename, replace, become } kind = Kind::keep;
  std::string key = {}, value = {};
};
using Kind = Change::Kind;

Change left_out() { return {.kind = Kind::leave_out}; }
Change renamed(std::string_view key) { return {.kind = Kind::rename, .key = std::string(key)}; }
Change replaced(std::string value) { return {.kind = Kind::replace, .key = {}, .value = std::move(value)}; }
Change becomes(std::string_view key, const json::Value& value) {
  return {.kind = Kind::become, .key = std::string(key), .value = json::write(value)};
}

bool is_one_of(std::string_view key, std::span<const std::string_view> list) { return std::ranges::find(list, key) != list.end(); }

// What engines know and OpenAI refuses.
constexpr std::string_view engine_words[] = {"top_k",
                                             "min_p",
                                             "repetition_penalty",
                                             "repeat_penalty",
                                             "chat_template_kwargs",
                                             "structured_outputs",
                                             "guided_json",
                                             "guided_regex",
                                             "guided_choice",
                                             "guided_grammar",
                                             "regex",
                                             "ebnf",
                                             "grammar",
                                             "stop_token_ids",
                                             "ignore_eos",
                                             "min_tokens",
                                             "include_reasoning",
                                             "separate_reasoning",
                                             "keep_alive"};
// What only OpenAI knows and means nothing to a caller where it is left out.
constexpr std::string_view silent_words[] = {
    "user", "safety_identifier", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "service_tier", "prediction"};
constexpr std::string_view noted_words[] = {"store", "metadata", "verbosity", "logit_bias"};

class Request {
 public:
  Request(const Envelope& envelope, const Target& target, const Quirks& quirks) : e_(envelope), target_(target), quirks_(quirks) {}

  Result<Carried> build() {
    Splicer splicer(e_.body);
    const std::size_t close = e_.body.rfind('}');
    std::size_t kept_end = 0;  // end of the last kept field
    bool any = false;
    splicer.text("{");
    for (const Envelope::Field& field : e_.fields) {
      auto change = change_of(field);
      if (!change) return forward(std::move(change));
      if (change->kind == Kind::leave_out) continue;
      const bool adjacent = kept_end != 0 && is_next(kept_end, field.key_at);
      if (any && adjacent)
        splicer.raw(kept_end, field.key_at);  // the comma and the blanks as they were
      else if (any)
        splicer.text(",");
      any = true;
      put(splicer, field, *change);
      kept_end = field.end;
    }
    if (e_.stream && find("stream_options") == nullptr) splicer.text(",\"stream_options\":{\"include_usage\":true}");
    if (kept_end == last_end())
      splicer.raw(kept_end, close + 1);
    else
      splicer.text("}");
    Carried carried;
    carried.outbound.path = quirks_.chat_path;
    carried.outbound.headers = {{"content-type", "application/json"}, {"accept", e_.stream ? "text/event-stream" : "application/json"}};
    carried.outbound.body = splicer.take();
    carried.outbound.warnings = std::move(notes_.list);
    carried.custom_tools = std::move(custom_tools_);
    return carried;
  }

 private:
  static void put(Splicer& splicer, const Envelope::Field& field, const Change& change) {
    switch (change.kind) {
      case Kind::leave_out:
        break;
      case Kind::keep:
        splicer.raw(field.key_at, field.end);
        break;
      case Kind::rename:
        splicer.text(fmt::format("\"{}\":", change.key));
        splicer.raw(field.value_at, field.end);
        break;
      case Kind::replace:
        splicer.raw(field.key_at, field.value_at);
        splicer.text(change.value);
        break;
      case Kind::become:
        splicer.text(fmt::format("\"{}\":{}", change.key, change.value));
        break;
    }
  }
  bool has(std::string_view key) const {
    return std::ranges::any_of(e_.fields, [&](const Envelope::Field& f) { return f.key == key && text_of(f) != "null"; });
  }
  std::size_t last_end() const { return e_.fields.empty() ? 0 : e_.fields.back().end; }
  // Nothing but a comma and blanks stands between two places.
  bool is_next(std::size_t from, std::size_t to) const { return std::ranges::count(e_.body.substr(from, to - from), '"') == 0; }
  std::string_view text_of(const Envelope::Field& field) const { return e_.body.substr(field.value_at, field.end - field.value_at); }

  const Envelope::Field* find(std::string_view key) const {
    const auto at = std::ranges::find(e_.fields, key, &Envelope::Field::key);
    return at == e_.fields.end() ? nullptr : &*at;
  }

  Result<Change> change_of(const Envelope::Field& field) {
    const std::string_view key = field.key, text = text_of(field);
    const bool null = text == "null";
    if (key == "model") return e_.model == target_.model ? Change{} : replaced(json::quote(target_.model));
    if (key == "max_tokens" || key == "max_completion_tokens") {
      if (null || (key == "max_tokens" && has("max_completion_tokens"))) return left_out();
      return key == target_.profile->max_tokens_field ? Change{} : renamed(target_.profile->max_tokens_field);
    }
    if (key == "stream_options") return stream_options(text);
    // An empty list of tools is refused everywhere, and a choice among none means nothing.
    const bool about_tools = key == "tools" || key == "tool_choice" || key == "parallel_tool_calls";
    if (about_tools && !e_.needs.tools && (!quirks_.raw || has("tools"))) return left_out();
    return quirks_.raw ? own_change(key, null) : engine_change(key, text);
  }

  // The gateway always asks for usage, and engines do not know obfuscation.
  Result<Change> stream_options(std::string_view text) {
    if (!e_.stream) return quirks_.raw ? Change{} : left_out();
    if (text == "null") return replaced(R"({"include_usage":true})");
    json::Value options = *json::read(text);
    const bool obfuscates = !quirks_.raw && options.object()->erase("include_obfuscation");
    if (e_.wants_usage && !obfuscates) return Change{};
    options.set("include_usage", true);
    return replaced(json::write(options));
  }

  Result<Change> own_change(std::string_view key, bool null) {
    const bool unknown = is_one_of(key, engine_words) || (key == "reasoning_effort" && !target_.profile->reasoning_effort);
    if (!unknown) return Change{};
    if (!null) notes_.dropped(key);
    return left_out();
  }

  // Engines refuse or misread what only OpenAI knows.
  Result<Change> engine_change(std::string_view key, std::string_view text) {
    const bool null = text == "null";
    if (is_one_of(key, silent_words)) return left_out();
    if (is_one_of(key, noted_words)) {
      if (!null && text != "false" && text != "{}") notes_.dropped(key);
      return left_out();
    }
    if (key == "moderation" || key == "web_search_options" || key == "audio") {
      if (null || text == "false") return left_out();
      return unsupported(key, "only OpenAI itself has it");
    }
    if (key == "modalities") {
      if (text.find("audio") != std::string_view::npos) return unsupported(key, "answers are text only");
      return left_out();
    }
    const bool effort = key == "reasoning_effort" && !quirks_.efforts;
    if (effort || (key == "top_k" && !target_.profile->top_k)) {
      if (!null && text != "\"none\"") notes_.dropped(key);
      return left_out();
    }
    if (key == "n" && e_.choices > 1 && !quirks_.several_choices) return unsupported("n", "one choice per request");
    if (key == "parallel_tool_calls" && !quirks_.strict_tools) {
      if (text == "false") notes_.dropped(key);
      return left_out();
    }
    if (key == "tool_choice" || key == "function_call") return tool_choice(key, text);
    if (key == "tools" || key == "functions") return tools(key, text);
    if (key == "messages") return messages(text);
    if (key.starts_with("guided_") && target_.profile->engine == "vllm") return guided(key, text);
    return Change{};
  }

  // vLLM passes over its old words for constrained output.
  Result<Change> guided(std::string_view key, std::string_view text) {
    static constexpr std::string_view kinds[] = {"json", "regex", "choice", "grammar"};
    const std::string_view kind = key.substr(7);
    if (text == "null" || has("structured_outputs") || !is_one_of(kind, kinds)) return left_out();
    return becomes("structured_outputs", json::Value{{kind, *json::read(text)}});
  }

  Result<Change> tool_choice(std::string_view key, std::string_view text) {
    const bool legacy = key == "function_call";
    if (legacy && (has("tool_choice") || !has("functions"))) return left_out();
    const json::Value given = *json::read(text);
    const json::Value choice = legacy ? choice_of_function_call(given) : given;
    const json::Value& allowed = choice["allowed_tools"];
    const std::string_view word = choice.text(allowed["mode"].text());
    if (!quirks_.forced_tools && !choice.is_null() && word != "auto" && word != "none")
      return unsupported("tool_choice", "this engine does not honour a forced tool call");
    if (choice["type"].text() == "allowed_tools") return replaced(json::quote(allowed["mode"].text("auto")));
    const json::Value& name = choice["custom"]["name"];
    if (name.is_string()) return replaced(json::write(json::Value{{"type", "function"}, {"function", json::Value{{"name", name}}}}));
    return legacy ? becomes("tool_choice", choice) : Change{};
  }

  Result<Change> tools(std::string_view key, std::string_view text) {
    const bool legacy = key == "functions";
    if (legacy && (text == "null" || has("tools"))) return left_out();
    const bool custom = text.find("\"custom\"") != std::string_view::npos;
    const bool strict = !quirks_.strict_tools && text.find("\"strict\"") != std::string_view::npos;
    const Envelope::Field* choice = find("tool_choice");
    const bool filtered = choice != nullptr && text_of(*choice).find("allowed_tools") != std::string_view::npos;
    if (!custom && !strict && !filtered && !legacy) return Change{};
    json::Value list = *json::read(text);
    if (legacy) list = tools_of_functions(json::Value(list));
    if (filtered) keep_allowed(list, (*json::read(text_of(*choice)))["allowed_tools"]["tools"]);
    for (json::Value& tool : *list.array()) {
      if (tool["type"].text() == "custom") {
        if (!tool["custom"]["name"].is_string()) return fail(Fault::bad_request, "a custom tool needs a name", "invalid_value", "tools");
        custom_tools_.emplace_back(tool["custom"]["name"].text());
        tool = custom_as_function(tool);
        notes_.emulated("tools");
      }
      if (!quirks_.strict_tools && tool["function"].is_object()) tool.object()->find("function")->object()->erase("strict");
    }
    return becomes("tools", list);
  }

  Result<Change> messages(std::string_view text) {
    const bool fetch = e_.needs.images && !target_.profile->image_url;
    const bool roles = (e_.developer && !target_.profile->developer_role) || e_.several_system;
    if (!roles && !e_.rare_fields && !fetch && !e_.needs.files) return Change{};
    json::Value list = *json::read(text);
    if (auto done = clean_messages(list, *target_.profile, target_.fetched, notes_); !done) return forward(std::move(done));
    return replaced(json::write(list));
  }

  const Envelope& e_;
  const Target& target_;
  const Quirks& quirks_;
  Notes notes_;
  std::vector<std::string> custom_tools_;
};

}  // namespace

Result<Carried> chat_request(const Envelope& envelope, const Target& target, const Quirks& quirks) {
  return Request(envelope, target, quirks).build();
}

}  // namespace ajar::wire

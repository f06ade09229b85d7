// wire/openai/request.cpp - top-level fields kept, renamed, replaced or left out; everything else byte for byte.
#include "wire/openai/request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "wire/notes.hpp"
#include "wire/openai/messages.hpp"

namespace ajar::wire {
namespace {

std::unexpected<Error> unsupported(std::string_view field, std::string_view why) {
  return fail(Fault::bad_request, fmt::format("{} is not supported by this route: {}", field, why), "unsupported_by_route", std::string(field));
}

// Puts the body together from spans of the caller's bytes and new text.
class Splicer {
 public:
  explicit Splicer(std::string_view inbound) { body_.inbound = inbound; }
  void raw(std::size_t at, std::size_t end) {
    if (!body_.spans.empty() && body_.spans.back().from_inbound && body_.spans.back().at + body_.spans.back().length == at) body_.spans.back().length += end - at;
    else body_.spans.push_back({true, at, end - at});
  }
  void text(std::string_view fresh) {
    if (!body_.spans.empty() && !body_.spans.back().from_inbound) body_.spans.back().length += fresh.size();
    else body_.spans.push_back({false, body_.owned.size(), fresh.size()});
    body_.owned.append(fresh);
  }
  Body take() { return std::move(body_); }

 private:
  Body body_;
};

enum class Fate : std::uint8_t { keep, leave_out, rename, replace };
struct Change { Fate fate = Fate::keep; std::string fresh = {}; };

class Request {
 public:
  Request(const Envelope& envelope, const Target& target, const Quirks& quirks) : e_(envelope), target_(target), quirks_(quirks) {}

  Result<Outbound> build() {
    const bool both_limits = has("max_tokens") && has("max_completion_tokens");
    Splicer splicer(e_.body);
    const std::size_t close = e_.body.rfind('}');
    std::size_t kept_end = 0;   // end of the last kept field when it stands in the output as it was
    bool any = false, options_seen = false;
    splicer.text("{");
    for (const Envelope::Field& field : e_.fields) {
      options_seen = options_seen || field.key == "stream_options";
      auto change = change_of(field, both_limits);
      if (!change) return forward(std::move(change));
      if (change->fate == Fate::leave_out) continue;
      const bool adjacent = kept_end != 0 && is_next(kept_end, field.key_at);
      if (any && adjacent) splicer.raw(kept_end, field.key_at);   // the comma and the blanks as they were
      else if (any) splicer.text(",");
      any = true;
      if (change->fate == Fate::rename) {
        splicer.text(fmt::format("\"{}\":", change->fresh));
        splicer.raw(field.value_at, field.end);
      } else if (change->fate == Fate::replace) {
        splicer.raw(field.key_at, field.value_at);
        splicer.text(change->fresh);
      } else {
        splicer.raw(field.key_at, field.end);
      }
      kept_end = field.end;
    }
    if (e_.stream && !options_seen) splicer.text(",\"stream_options\":{\"include_usage\":true}");
    if (kept_end == last_end()) splicer.raw(kept_end, close + 1);
    else splicer.text("}");
    Outbound out;
    out.path = quirks_.chat_path;
    out.headers = {{"content-type", "application/json"}, {"accept", e_.stream ? "text/event-stream" : "application/json"}};
    out.body = splicer.take();
    out.warnings = std::move(notes_.list);
    return out;
  }

 private:
  bool has(std::string_view key) const {
    return std::ranges::any_of(e_.fields, [&](const Envelope::Field& f) { return f.key == key && text_of(f) != "null"; });
  }
  std::size_t last_end() const { return e_.fields.empty() ? 0 : e_.fields.back().end; }
  // Nothing but a comma and blanks stands between two places.
  bool is_next(std::size_t from, std::size_t to) const { return std::ranges::count(e_.body.substr(from, to - from), '"') == 0; }
  std::string_view text_of(const Envelope::Field& field) const { return e_.body.substr(field.value_at, field.end - field.value_at); }

  Result<Change> change_of(const Envelope::Field& field, bool both_limits) {
    const std::string_view key = field.key, text = text_of(field);
    if (key == "model") {
      const bool same = e_.model == target_.model;
      return Change{same ? Fate::keep : Fate::replace, same ? std::string() : json::quote(target_.model)};
    }
    if (key == "max_tokens" || key == "max_completion_tokens") {
      if (both_limits && key == "max_tokens") return Change{Fate::leave_out};
      if (key == target_.profile->max_tokens_field) return Change{};
      return Change{Fate::rename, target_.profile->max_tokens_field};
    }
    if (key == "stream_options" && e_.stream && !e_.wants_usage) {
      json::Value options = *json::read(text);
      options.set("include_usage", true);
      return Change{Fate::replace, json::write(options)};
    }
    return quirks_.raw ? Change{} : engine_change(key, text);
  }

  // Engines refuse or misread what only OpenAI knows.
  Result<Change> engine_change(std::string_view key, std::string_view text) {
    const bool null = text == "null";
    static constexpr std::string_view quiet[] = {"user", "safety_identifier", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "service_tier", "prediction"};
    if (std::ranges::find(quiet, key) != std::end(quiet)) return Change{Fate::leave_out};
    if (key == "store" || key == "metadata" || key == "verbosity" || key == "logit_bias") {
      if (!null && text != "false" && text != "{}") notes_.dropped(key);
      return Change{Fate::leave_out};
    }
    if (key == "moderation" || key == "web_search_options" || key == "audio") {
      if (null) return Change{Fate::leave_out};
      return unsupported(key, "only OpenAI itself has it");
    }
    if (key == "modalities") {
      if (text.find("audio") != std::string_view::npos) return unsupported(key, "answers are text only");
      return Change{Fate::leave_out};
    }
    if (key == "n" && e_.choices > 1 && !quirks_.several_choices) return unsupported("n", "one choice per request");
    if (key == "parallel_tool_calls" && !quirks_.strict_tools) {
      if (text == "false") notes_.dropped(key);
      return Change{Fate::leave_out};
    }
    if (key == "tool_choice") return tool_choice(text);
    if (key == "tools") return tools(text);
    if (key == "messages") return messages(text);
    return Change{};
  }

  Result<Change> tool_choice(std::string_view text) {
    if (!e_.needs.tools) return Change{Fate::leave_out};
    if (!quirks_.forced_tools && text != "\"auto\"" && text != "\"none\"" && text != "null") return unsupported("tool_choice", "this engine does not honour a forced tool call");
    const json::Value choice = *json::read(text);
    if (choice["type"].text() == "allowed_tools") return Change{Fate::replace, json::quote(choice["allowed_tools"]["mode"].text("auto"))};
    return Change{};
  }

  Result<Change> tools(std::string_view text) {
    if (!e_.needs.tools) return Change{Fate::leave_out};   // an empty list is refused by engines
    const bool custom = text.find("\"custom\"") != std::string_view::npos, strict = !quirks_.strict_tools && text.find("\"strict\"") != std::string_view::npos;
    const auto choice = std::ranges::find(e_.fields, "tool_choice", &Envelope::Field::key);
    const bool filtered = choice != e_.fields.end() && text_of(*choice).find("allowed_tools") != std::string_view::npos;
    if (!custom && !strict && !filtered) return Change{};
    json::Value list = *json::read(text);
    if (filtered) keep_allowed(list, (*json::read(text_of(*choice)))["allowed_tools"]["tools"]);
    for (json::Value& tool : *list.array()) {
      if (tool["type"].text() == "custom") {
        tool = custom_as_function(tool);
        notes_.emulated("tools");
      }
      if (!quirks_.strict_tools && tool["function"].is_object()) tool.object()->find("function")->object()->erase("strict");
    }
    return Change{Fate::replace, json::write(list)};
  }

  Result<Change> messages(std::string_view text) {
    if (e_.needs.files) return unsupported("messages", "this engine does not take files; send their text");
    const bool fetch = e_.needs.images && !target_.profile->image_url;
    const bool roles = (e_.developer && !target_.profile->developer_role) || e_.several_system;
    if (!roles && !e_.rare_fields && !fetch) return Change{};
    json::Value list = *json::read(text);
    if (auto done = clean_messages(list, *target_.profile, target_.fetched, notes_); !done) return forward(std::move(done));
    return Change{Fate::replace, json::write(list)};
  }

  const Envelope& e_;
  const Target& target_;
  const Quirks& quirks_;
  Notes notes_;
};

}  // namespace

Result<Outbound> chat_request(const Envelope& envelope, const Target& target, const Quirks& quirks) { return Request(envelope, target, quirks).build(); }

}  // namespace ajar::wire

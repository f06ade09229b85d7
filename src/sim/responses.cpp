// sim/responses.cpp - OpenAI Responses answers.
#include "sim/responses.hpp"

#include <fmt/format.h>

#include "sim/chance.hpp"
#include "sim/openai.hpp"

namespace ajar::sim {
namespace {

json::Value usage_value(const Usage& u) {
  return json::Value{{"input_tokens", u.total_input()},
                     {"input_tokens_details", json::Value{{"cached_tokens", u.cache_read}, {"cache_write_tokens", 0}}},
                     {"output_tokens", u.total_output()},
                     {"output_tokens_details", json::Value{{"reasoning_tokens", u.reasoning}}},
                     {"total_tokens", u.total_input() + u.total_output()}};
}

// Items of the output, whole or as they begin.
struct Items {
  const Ask& ask;
  const Reply& reply;
  const Choice& choice = reply.choices[0];

  json::Value reasoning(bool whole) const {
    json::Array summary;
    if (whole && ask.show_reasoning) summary.push_back(json::Value{{"type", "summary_text"}, {"text", choice.reasoning}});
    json::Value item{{"id", "rs_" + reply.id}, {"type", "reasoning"}, {"summary", std::move(summary)}};
    item.set("encrypted_content", letters_of(mix(13, reply.id), 64));
    return item;
  }
  json::Value part(bool whole) const {
    if (!choice.refusal.empty()) return json::Value{{"type", "refusal"}, {"refusal", whole ? choice.refusal : std::string()}};
    return json::Value{{"type", "output_text"},
                       {"text", whole ? choice.text : std::string()},
                       {"annotations", json::Value(json::Array{})},
                       {"logprobs", whole && ask.logprobs ? logprobs_value(choice.text, ask.top_logprobs) : json::Value(json::Array{})}};
  }
  json::Value message(bool whole) const {
    json::Array content;
    if (whole) content.push_back(part(true));
    const std::string_view status = !whole ? "in_progress" : choice.finish == Finish::stop ? "completed" : "incomplete";
    return json::Value{
        {"id", "msg_" + reply.id}, {"type", "message"}, {"status", status}, {"role", "assistant"}, {"content", std::move(content)}};
  }
  json::Value call(const ToolCall& c, bool whole) const {
    json::Value item{{"id", (c.custom ? "ctc_" : "fc_") + c.id},
                     {"type", c.custom ? "custom_tool_call" : "function_call"},
                     {"status", whole ? "completed" : "in_progress"},
                     {"call_id", "call_" + c.id},
                     {"name", c.name}};
    item.set(c.custom ? "input" : "arguments", whole ? c.arguments : std::string());
    return item;
  }
  bool has_message() const {
    return !choice.text.empty() || !choice.refusal.empty() || (choice.calls.empty() && choice.finish != Finish::length);
  }
  json::Value all() const {
    json::Array list;
    if (!choice.reasoning.empty()) list.push_back(reasoning(true));
    if (has_message()) list.push_back(message(true));
    for (const ToolCall& c : choice.calls) list.push_back(call(c, true));
    return json::Value(std::move(list));
  }
};

json::Value response_value(const Ask& ask, const Reply& reply, bool whole) {
  const Finish finish = reply.choices[0].finish;
  const bool cut = finish == Finish::length || finish == Finish::filter;
  json::Value r{{"id", "resp_" + reply.id},
                {"object", "response"},
                {"created_at", reply.created},
                {"status", !whole ? "in_progress"
                           : cut  ? "incomplete"
                                  : "completed"}};
  r.set("background", false);
  r.set("error", nullptr);
  r.set("incomplete_details",
        whole && cut ? json::Value{{"reason", finish == Finish::length ? "max_output_tokens" : "content_filter"}} : json::Value());
  for (const std::string_view key : {"access_programs", "instructions", "previous_response_id", "temperature", "top_p", "user"})
    r.set(key, nullptr);
  r.set("max_output_tokens", ask.max_tokens > 0 ? json::Value(ask.max_tokens) : json::Value());
  r.set("metadata", json::Value(json::Object{}));
  r.set("model", ask.model);
  r.set("output", whole ? Items{ask, reply}.all() : json::Value(json::Array{}));
  r.set("parallel_tool_calls", ask.parallel);
  r.set("reasoning", json::Value{{"effort", ask.effort.empty() ? json::Value() : json::Value(ask.effort)}, {"summary", nullptr}});
  r.set("service_tier", "default");
  r.set("store", false);
  r.set("text", json::Value{{"format", json::Value{{"type", ask.schema ? "json_schema" : ask.json_object ? "json_object" : "text"}}}});
  r.set("tool_choice", ask.choice == Ask::Choice::none ? "none" : ask.choice == Ask::Choice::required ? "required" : "auto");
  r.set("tools", json::Value(json::Array{}));
  r.set("truncation", "disabled");
  r.set("usage", whole ? usage_value(reply.usage) : json::Value());
  return r;
}

class ResponsesEncoder final : public Encoder {
 public:
  ResponsesEncoder(const Ask& ask, const Reply& reply) : ask_(ask), reply_(reply), items_{ask, reply} {}

  void open(std::string& out) override {
    const json::Value response = response_value(ask_, reply_, false);
    event(out, "response.created", "response", response);
    event(out, "response.in_progress", "response", response);
  }

  void piece(const Piece& p, std::string& out) override {
    if (p.kind == Piece::Kind::call || (p.kind != Piece::Kind::arguments && open_ != p.kind)) {
      end_item(out);
      begin_item(out, p.kind, p.call);
    }
    switch (p.kind) {
      case Piece::Kind::reasoning:
        if (ask_.show_reasoning) delta(out, "response.reasoning_summary_text.delta", R"("summary_index":0)", p.text);
        return;
      case Piece::Kind::text:
        delta(out, "response.output_text.delta",
              R"("content_index":0,"logprobs":)" +
                  (ask_.logprobs ? json::write(json::Value(json::Array{logprob_value(p.text, ask_.top_logprobs)})) : "[]"),
              p.text);
        return;
      case Piece::Kind::refusal:
        delta(out, "response.refusal.delta", R"("content_index":0)", p.text);
        return;
      case Piece::Kind::call:
        return;
      case Piece::Kind::arguments:
        delta(out, custom() ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta", {}, p.text);
        return;
    }
  }

  void close(std::string& out) override {
    if (!open_ && reply_.choices[0].calls.empty() && items_.has_message())
      begin_item(out, Piece::Kind::text, 0);  // an empty answer is a message too
    end_item(out);
    const Finish finish = reply_.choices[0].finish;
    event(out, finish == Finish::length || finish == Finish::filter ? "response.incomplete" : "response.completed", "response",
          response_value(ask_, reply_, true));
  }

 private:
  bool custom() const { return reply_.choices[0].calls[call_].custom; }

  void head(std::string& out, std::string_view type) {
    fmt::format_to(std::back_inserter(out), R"(event: {}{}data: {{"type":"{}","sequence_number":{},)", type, '\n', type, sequence_++);
  }
  void event(std::string& out, std::string_view type, std::string_view key, const json::Value& value) {
    head(out, type);
    fmt::format_to(std::back_inserter(out), "\"{}\":{}}}\n\n", key, json::write(value));
  }
  void on_item(std::string& out, std::string_view type, std::string_view more) {
    head(out, type);
    fmt::format_to(std::back_inserter(out), "\"item_id\":\"{}\",\"output_index\":{}{}{}}}\n\n", item_id_, index_, more.empty() ? "" : ",",
                   more);
  }
  void delta(std::string& out, std::string_view type, std::string_view more, std::string_view text) {
    on_item(out, type, fmt::format("{}{}\"delta\":{}", more, more.empty() ? "" : ",", json::quote(text)));
  }

  json::Value item(bool whole) const {
    if (open_ == Piece::Kind::reasoning) return items_.reasoning(whole);
    if (open_ == Piece::Kind::call) return items_.call(reply_.choices[0].calls[call_], whole);
    return items_.message(whole);
  }

  void begin_item(std::string& out, Piece::Kind kind, std::size_t call) {
    open_ = kind;
    call_ = call;
    ++index_;
    const json::Value begun = item(false);
    item_id_ = begun["id"].text();
    head(out, "response.output_item.added");
    fmt::format_to(std::back_inserter(out), "\"output_index\":{},\"item\":{}}}\n\n", index_, json::write(begun));
    if (kind == Piece::Kind::text || kind == Piece::Kind::refusal)
      on_item(out, "response.content_part.added", R"("content_index":0,"part":)" + json::write(items_.part(false)));
    if (kind == Piece::Kind::reasoning && ask_.show_reasoning)
      on_item(out, "response.reasoning_summary_part.added", R"("summary_index":0,"part":{"type":"summary_text","text":""})");
  }

  void end_item(std::string& out) {
    if (!open_) return;
    const Choice& choice = reply_.choices[0];
    switch (*open_) {
      case Piece::Kind::reasoning:
        if (!ask_.show_reasoning) break;
        on_item(out, "response.reasoning_summary_text.done", R"("summary_index":0,"text":)" + json::quote(choice.reasoning));
        on_item(out, "response.reasoning_summary_part.done",
                R"("summary_index":0,"part":{"type":"summary_text","text":)" + json::quote(choice.reasoning) + "}");
        break;
      case Piece::Kind::text:
        on_item(out, "response.output_text.done",
                R"("content_index":0,"text":)" + json::quote(choice.text) + R"(,"logprobs":)" + json::write(items_.part(true)["logprobs"]));
        on_item(out, "response.content_part.done", R"("content_index":0,"part":)" + json::write(items_.part(true)));
        break;
      case Piece::Kind::refusal:
        on_item(out, "response.refusal.done", R"("content_index":0,"refusal":)" + json::quote(choice.refusal));
        on_item(out, "response.content_part.done", R"("content_index":0,"part":)" + json::write(items_.part(true)));
        break;
      case Piece::Kind::call:
      case Piece::Kind::arguments:
        if (custom())
          on_item(out, "response.custom_tool_call_input.done", "\"input\":" + json::quote(choice.calls[call_].arguments));
        else
          on_item(out, "response.function_call_arguments.done", "\"arguments\":" + json::quote(choice.calls[call_].arguments));
        break;
    }
    head(out, "response.output_item.done");
    fmt::format_to(std::back_inserter(out), "\"output_index\":{},\"item\":{}}}\n\n", index_, json::write(item(true)));
    open_.reset();
  }

  const Ask& ask_;
  const Reply& reply_;
  Items items_;
  std::optional<Piece::Kind> open_;  // the item that is open: of reasoning, text, refusal or a call
  std::size_t call_ = 0;
  std::string item_id_;
  int index_ = -1;
  std::int64_t sequence_ = 0;
};

class Responses final : public Speech {
 public:
  Result<Ask> read(const json::Value& body, const net::RequestHead&) const override { return read_responses(body); }
  std::string whole(const Ask& ask, const Reply& reply) const override { return json::write(response_value(ask, reply, true)); }
  std::unique_ptr<Encoder> encoder(const Ask& ask, const Reply& reply) const override {
    return std::make_unique<ResponsesEncoder>(ask, reply);
  }
  std::string error(const Trouble& t) const override { return openai_error(Engine::openai, t); }
  std::string error_event(const Trouble& t) const override {
    const json::Value inner = openai_error_value(t);
    const json::Value code = inner["code"].is_null() ? json::Value("server_error") : inner["code"];
    return fmt::format("event: error\ndata: {}\n\n",
                       json::write(json::Value{
                           {"type", "error"}, {"code", code}, {"message", t.message}, {"param", nullptr}, {"sequence_number", 1'000'000}}));
  }
  std::string broken_event() const override {
    return "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"del\n\n";
  }
};

}  // namespace

std::unique_ptr<Speech> responses_speech() { return std::make_unique<Responses>(); }

}  // namespace ajar::sim

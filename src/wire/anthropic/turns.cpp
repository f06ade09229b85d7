// wire/anthropic/turns.cpp - roles, parts and tool results in Anthropic's words.
#include "wire/anthropic/turns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "wire/cross.hpp"
#include "wire/openai/messages.hpp"
#include "wire/prepare.hpp"

namespace ajar::wire {
namespace {

constexpr int most_breakpoints = 4;

bool is_blank(std::string_view text) { return trim(text).empty(); }  // Messages refuses empty text blocks

json::Value text_block(std::string_view text) { return json::Value{{"type", "text"}, {"text", text}}; }

bool is_system(const json::Value& message) { return message["role"].text() == "system" || message["role"].text() == "developer"; }

// A signature that another provider made is refused there.
bool is_own_block(const json::Value& block) {
  const std::string_view type = block["type"].text();
  if (type == "redacted_thinking") return block["data"].is_string();
  return type == "thinking" && block["signature"].is_string() && !block["signature"].text().starts_with("ajar-");
}

}  // namespace

Status AnthropicTurns::take(const json::Array& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (auto done = one(messages, i); !done) return done;
  std::erase_if(turns_, [](const Turn& turn) { return turn.content.is_array() && turn.content.array()->empty(); });
  if (turns_.empty()) return fail(Fault::bad_request, "messages must hold some text of the user", "invalid_value", "messages");
  if (turns_.front().role != "user") return unsupported("messages", "the first turn must be the user's");
  return ok();
}

Status AnthropicTurns::one(const json::Array& list, std::size_t index) {
  const json::Value& message = list[index];
  const std::string_view role = message["role"].text();
  if (is_system(message)) {
    const bool leading = std::all_of(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(index), is_system);
    if (leading)
      leading_system(message);
    else
      later_system(list, index);
    return ok();
  }
  if (role == "assistant") return assistant(message), ok();
  if (role == "tool") return tool_result(message), ok();
  return user(message, index);
}

json::Value AnthropicTurns::marked(json::Value block, const json::Value& part) {
  if (part["prompt_cache_breakpoint"].is_null() || breakpoints_ >= most_breakpoints) return block;
  ++breakpoints_;
  block.set("cache_control", json::Value{{"type", "ephemeral"}, {"ttl", "1h"}});
  notes_.approximated("prompt_cache_breakpoint");
  return block;
}

// Characters outside of the allowed ones become "_"; two ids never become one.
std::string AnthropicTurns::safe_id(std::string_view id) {
  if (const auto known = ids_.find(id); known != ids_.end()) return known->second;
  std::string safe(id.empty() ? "_" : id);
  for (char& c : safe)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-')) c = '_';
  const auto taken = [&] { return std::ranges::any_of(ids_, [&](const auto& pair) { return pair.second == safe; }); };
  while (taken()) safe += '_';
  return ids_.emplace(id, std::move(safe)).first->second;
}

void AnthropicTurns::leading_system(const json::Value& message) {
  const json::Value& content = message["content"];
  if (content.is_string()) {
    if (!is_blank(*content.string())) system_.push_back(text_block(*content.string()));
  } else if (const json::Array* parts = content.array()) {
    system_is_text_ = false;
    for (const json::Value& part : *parts)
      if (!is_blank(part["text"].text())) system_.push_back(marked(text_block(part["text"].text()), part));
  }
}

void AnthropicTurns::add_system(std::string_view text) { system_.push_back(text_block(text)); }

json::Value AnthropicTurns::system() const {
  if (system_.empty()) return {};
  return system_.size() == 1 && system_is_text_ ? system_.front()["text"] : json::Value(system_);
}

// In its place where the model takes it there; else as a reminder in the user's turn.
void AnthropicTurns::later_system(const json::Array& list, std::size_t index) {
  const std::string text = text_of_content(list[index]["content"]);
  if (is_blank(text)) return;
  std::size_t next = index + 1;
  while (next < list.size() && is_system(list[next])) ++next;
  const bool before_assistant = next == list.size() || list[next]["role"].text() == "assistant";
  const std::string_view last = turns_.empty() ? std::string_view() : turns_.back().role;
  if (!profile_.system_mid || !before_assistant || (last != "user" && last != "system")) {
    append("user", text_block(reminder(text)));
    notes_.approximated("system_position");
  } else if (last == "system") {
    append("system", text_block(text));
  } else {
    const json::Value& content = list[index]["content"];
    turns_.push_back({"system", content.is_string() ? content : json::Value(json::Array{})});
    if (const json::Array* parts = content.array())
      for (const json::Value& part : *parts)
        if (!is_blank(part["text"].text())) append("system", marked(text_block(part["text"].text()), part));
  }
}

// Opens a turn or goes on with the one before when it has the same role.
AnthropicTurns::Turn& AnthropicTurns::turn(std::string_view role) {
  if (turns_.empty() || turns_.back().role != role) turns_.push_back({role, json::Value(json::Array{})});
  Turn& last = turns_.back();
  if (last.content.is_string()) {
    json::Value blocks(json::Array{});
    blocks.push(text_block(*last.content.string()));
    last.content = std::move(blocks);
  }
  return last;
}

void AnthropicTurns::append(std::string_view role, json::Value block) {
  Turn& last = turn(role);
  json::Array& blocks = *last.content.array();
  // Results stand before everything else of their turn.
  if (block["type"].text() == "tool_result")
    blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(last.results++), std::move(block));
  else
    blocks.push_back(std::move(block));
}

Status AnthropicTurns::user(const json::Value& message, std::size_t index) {
  const json::Value& content = message["content"];
  if (content.is_string()) {
    if (is_blank(*content.string())) return ok();
    if (turns_.empty() || turns_.back().role != "user")
      turns_.push_back({"user", content});
    else
      append("user", text_block(*content.string()));
    return ok();
  }
  const json::Array* parts = content.array();
  for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
    auto block = user_block((*parts)[i], fmt::format("messages[{}].content[{}]", index, i));
    if (!block) return forward(std::move(block));
    if (!block->is_null()) append("user", marked(std::move(*block), (*parts)[i]));
  }
  return ok();
}

Result<json::Value> AnthropicTurns::user_block(const json::Value& part, const std::string& param) {
  const std::string_view type = part["type"].text();
  if (type == "text") return is_blank(part["text"].text()) ? json::Value() : text_block(part["text"].text());
  if (type == "image_url") return image(part["image_url"], param + ".image_url");
  if (type == "file") return file(part["file"], param + ".file");
  if (type == "input_audio") return unsupported(param + ".input_audio", "the model takes no audio");
  return unsupported(param, "a part of this type is not known");
}

Result<json::Value> AnthropicTurns::image(const json::Value& image, const std::string& param) {
  if (image["detail"].text("auto") != "auto") notes_.dropped("image_url.detail");
  const std::string_view url = image["url"].text();
  const auto data = data_url(url);
  if (!data && !url.starts_with("https://") && !url.starts_with("http://"))
    return unsupported(param, "an image must be an http(s) address or a base64 data: URL");
  if (!data) return json::Value{{"type", "image"}, {"source", json::Value{{"type", "url"}, {"url", url}}}};
  static constexpr std::array<std::string_view, 4> types{"image/jpeg", "image/png", "image/gif", "image/webp"};
  if (std::ranges::find(types, data->media_type) == types.end()) return unsupported(param, "images must be jpeg, png, gif or webp");
  return json::Value{{"type", "image"},
                     {"source", json::Value{{"type", "base64"}, {"media_type", data->media_type}, {"data", data->base64}}}};
}

Result<json::Value> AnthropicTurns::file(const json::Value& file, const std::string& param) {
  const std::string_view bytes = file["file_data"].text();
  if (bytes.empty()) return unsupported(param + ".file_id", "files live with one provider only; send file_data");
  const auto data = data_url(bytes);
  if (data && data->media_type != "application/pdf") return unsupported(param, "only PDF files can be sent; send others as text");
  json::Value block{{"type", "document"},
                    {"source", json::Value{{"type", "base64"}, {"media_type", "application/pdf"}, {"data", data ? data->base64 : bytes}}}};
  if (file["filename"].is_string()) block.set("title", file["filename"]);
  return block;
}

void AnthropicTurns::assistant(const json::Value& message) {
  json::Array blocks;
  if (const json::Array* thinking = message["thinking_blocks"].array())
    for (const json::Value& block : *thinking)
      if (is_own_block(block)) {
        blocks.push_back(block);
        blocks.back().object()->erase("index");
      }
  const bool thought = !blocks.empty();
  const json::Value& content = message["content"];
  if (!is_blank(content.text())) blocks.push_back(text_block(content.text()));
  if (const json::Array* parts = content.array())
    for (const json::Value& part : *parts)
      if (const auto text = part["text"].text(part["refusal"].text()); !is_blank(text)) blocks.push_back(marked(text_block(text), part));
  if (const auto refusal = message["refusal"].text(); !is_blank(refusal)) blocks.push_back(text_block(refusal));
  const json::Array* calls = message["tool_calls"].array();
  for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) {
    PastCall call = past_call((*calls)[i], notes_);
    blocks.push_back(
        json::Value{{"type", "tool_use"}, {"id", safe_id(call.id)}, {"name", call.name}, {"input", std::move(call.arguments)}});
  }
  loop_without_thinking_ = calls != nullptr && !calls->empty() && !thought;
  const bool fresh = turns_.empty() || turns_.back().role != "assistant";
  if (fresh && content.is_string() && blocks.size() == 1 && blocks.front()["text"].text() == *content.string()) {
    turns_.push_back({"assistant", content});
    return;
  }
  for (json::Value& block : blocks) append("assistant", std::move(block));
}

void AnthropicTurns::tool_result(const json::Value& message) {
  const json::Value& content = message["content"];
  json::Value block{
      {"type", "tool_result"}, {"tool_use_id", safe_id(message["tool_call_id"].text())}, {"content", text_of_content(content)}};
  if (const json::Array* parts = content.array(); parts != nullptr && !parts->empty()) block = marked(std::move(block), parts->back());
  append("user", std::move(block));
}

json::Array AnthropicTurns::messages() {
  json::Array out;
  for (Turn& turn : turns_) out.push_back(json::Value{{"role", turn.role}, {"content", std::move(turn.content)}});
  return out;
}

}  // namespace ajar::wire

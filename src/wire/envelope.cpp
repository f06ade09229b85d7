// wire/envelope.cpp - inspect(): one strict pass over a caller's body; the facts that routing and splicing need.
#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <deque>
#include <memory>
#include <unordered_set>

#include "base/json.hpp"
#include "wire/cursor.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {
namespace {

constexpr int most_depth = 64;
constexpr std::size_t few_keys = 24;               // above, duplicates are looked up in a set
constexpr std::int64_t tokens_of_an_image = 1000;  // an estimate before the answer is known
constexpr std::size_t bytes_of_a_token = 4;

using KeySet = std::unordered_set<std::string_view>;

// What a value is for; decides what its members mean.
enum class Role : std::uint8_t { other, top, messages, message, content, part, media, stream_options, response_format };

class Inspector {
 public:
  explicit Inspector(std::string_view text) : text_(text) { envelope_.body = text; }

  Result<Envelope> run() {
    blanks();
    if (peek() != '{') return fail(Fault::bad_request, "the body must be a JSON object", "invalid_json");
    if (!object(Role::top, 1)) return error();
    blanks();
    if (at_ != text_.size()) return wrong("something follows the JSON text"), error();
    if (auto checked = check(); !checked) return forward(std::move(checked));
    const std::size_t bytes = text_bytes_;
    envelope_.input_estimate = static_cast<std::int64_t>(bytes / bytes_of_a_token) + images_ * tokens_of_an_image + 4;
    return std::move(envelope_);
  }

 private:
  std::unexpected<Error> error() const {
    if (!param_.empty()) return fail(Fault::bad_request, why_, "invalid_value", param_);
    return fail(Fault::bad_request, fmt::format("invalid JSON at byte {}: {}", at_, why_), "invalid_json");
  }
  bool wrong(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }
  bool mistyped(std::string param, std::string_view what) {
    if (why_.empty()) {
      why_ = fmt::format("{} must be {}", param, what);
      param_ = std::move(param);
    }
    return false;
  }
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }

  // A string; gives its raw content and whether it holds escapes.
  bool string(std::string_view& raw, bool& escaped) {
    const std::size_t from = ++at_;
    escaped = false;
    for (at_ = string_end(text_, at_, escaped);; at_ = string_stop(text_, at_, escaped)) {
      if (at_ >= text_.size()) return wrong("the text ends inside a string");
      if (text_[at_] == '"') break;
      if (text_[at_] != '\\') return wrong("a control character stands in a string");
      escaped = true;
      if (!escape()) return false;
    }
    raw = text_.substr(from, at_++ - from);
    return true;
  }

  bool hex4(std::uint32_t& code) {
    if (at_ + 4 > text_.size()) return wrong("four hexadecimal digits are expected");
    code = 0;
    for (std::size_t end = at_ + 4; at_ < end; ++at_) {
      const char c = text_[at_];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return wrong("four hexadecimal digits are expected");
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  bool escape() {
    ++at_;
    const char c = peek();
    ++at_;
    if (c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't') return true;
    std::uint32_t code = 0;
    if (c != 'u') return wrong("unknown escape");
    if (!hex4(code)) return false;
    if (code < 0xD800 || code > 0xDFFF) return true;
    std::uint32_t low = 0;
    if (code > 0xDBFF || text_.substr(at_, 2) != "\\u") return wrong("a surrogate stands alone");
    at_ += 2;
    if (!hex4(low)) return false;
    return (low >= 0xDC00 && low <= 0xDFFF) || wrong("a surrogate stands alone");
  }

  bool digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }
  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else if (!digits())
      return wrong("a value is expected");
    if (peek() == '.' && (++at_, !digits())) return wrong("digits are expected after '.'");
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return wrong("digits are expected in the exponent");
    }
    return true;
  }

  bool value(Role role, int depth) {
    if (depth > most_depth) return wrong(fmt::format("nested deeper than {}", most_depth));
    switch (peek()) {
      case '{':
        return object(role, depth);
      case '[':
        return array(role, depth);
      case '"': {
        std::string_view raw;
        bool escaped = false;
        if (!string(raw, escaped)) return false;
        if (role != Role::media) text_bytes_ += raw.size();
        return true;
      }
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }
  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return wrong("a value is expected");
    at_ += word.size();
    return true;
  }

  bool array(Role role, int depth) {
    ++at_;
    blanks();
    if (peek() == ']') return ++at_, true;
    const Role inner = role == Role::messages ? Role::message : role == Role::content ? Role::part : Role::other;
    for (std::size_t index = 0;; ++index) {
      blanks();
      if (inner == Role::message) {
        message_ = index;
        if (peek() != '{') return mistyped(fmt::format("messages[{}]", index), "an object");
        message_role_ = {};
      }
      if (!value(inner, depth + 1)) return false;
      if (inner == Role::message && !note_message()) return false;
      blanks();
      const char c = peek();
      ++at_;
      if (c == ']') return true;
      if (c != ',') return --at_, wrong("',' or ']' is expected");
    }
  }

  bool object(Role role, int depth) {
    if (depth > most_depth) return wrong(fmt::format("nested deeper than {}", most_depth));
    ++at_;
    const std::size_t base = keys_.size();
    std::unique_ptr<KeySet> many;
    blanks();
    if (peek() == '}') return ++at_, true;
    while (true) {
      blanks();
      const std::size_t key_at = at_;
      std::string_view key;
      bool escaped = false;
      if (peek() != '"') return wrong("a member's name is expected");
      if (!string(key, escaped)) return false;
      if (escaped && role == Role::top) return wrong("a top-level key is written with escapes");  // two readers could disagree on it
      if (escaped) key = plain_.emplace_back(*json::read(text_.substr(key_at, at_ - key_at))->string());
      if (is_repeated(key, base, many)) return wrong(fmt::format("the key \"{}\" stands twice in one object", key.substr(0, 60)));
      keys_.push_back(key);
      blanks();
      if (peek() != ':') return wrong("':' is expected");
      ++at_;
      blanks();
      const std::size_t value_at = at_;
      const Role inner = role == Role::other ? Role::other : member(role, key);
      if (!why_.empty() || !value(inner, depth + 1)) return false;
      if (role == Role::top) envelope_.fields.push_back({key, key_at, value_at, at_});
      if (role == Role::message || role == Role::part || role == Role::stream_options || role == Role::response_format)
        if (!note_member(role, key, text_.substr(value_at, at_ - value_at))) return false;
      blanks();
      const char c = peek();
      ++at_;
      if (c == '}') break;
      if (c != ',') return --at_, wrong("',' or '}' is expected");
    }
    keys_.resize(base);
    return true;
  }

  bool is_repeated(std::string_view key, std::size_t base, std::unique_ptr<KeySet>& many) {
    if (keys_.size() - base < few_keys) {
      for (std::size_t i = base; i < keys_.size(); ++i)
        if (keys_[i] == key) return true;
      return false;
    }
    if (many == nullptr) many = std::make_unique<KeySet>(keys_.begin() + static_cast<std::ptrdiff_t>(base), keys_.end());
    return !many->insert(key).second;
  }

  // What a member's value is for; the types of what Ajar reads are checked here.
  Role member(Role role, std::string_view key) {
    const char c = peek();
    switch (role) {
      case Role::top:
        if (key == "messages") return c == '[' ? Role::messages : (mistyped("messages", "an array of messages"), Role::other);
        if (key == "stream_options" && c == '{') return Role::stream_options;
        if (key == "response_format" && c == '{') return Role::response_format;
        return Role::other;
      case Role::message:
        if (key == "content") {
          if (c == '[') return Role::content;
          if (c != '"' && c != 'n') mistyped(fmt::format("messages[{}].content", message_), "a string, an array of parts or null");
        }
        if (key == "tool_calls" && c != '[' && c != 'n') mistyped(fmt::format("messages[{}].tool_calls", message_), "an array");
        return Role::other;
      case Role::part:
        return key == "image_url" || key == "input_audio" || key == "file" ? Role::media : Role::other;
      case Role::media:
        return Role::media;
      case Role::other:
      case Role::messages:
      case Role::content:
      case Role::stream_options:
      case Role::response_format:
        return Role::other;
    }
    return Role::other;
  }

  bool note_member(Role role, std::string_view key, std::string_view text) {
    if (role == Role::message) {
      if (key == "role") {
        if (text.front() != '"') return mistyped(fmt::format("messages[{}].role", message_), "a string");
        message_role_ = text.substr(1, text.size() - 2);
      } else if (key == "refusal" || key == "thinking_blocks" || key == "extra_content" || key == "audio" || key == "function_call") {
        if (text != "null") envelope_.rare_fields = true;
      } else if (key == "tool_calls" && text.find("\"custom\"") != std::string_view::npos) {
        envelope_.rare_fields = true;
      }
    } else if (role == Role::part) {
      if (key == "image_url") envelope_.needs.images = true, ++images_;
      if (key == "input_audio") envelope_.needs.audio = true, ++images_;
      if (key == "file") envelope_.needs.files = true, ++images_;
      if (key == "prompt_cache_breakpoint") envelope_.rare_fields = true;
    } else if (role == Role::stream_options) {
      if (key == "include_usage") envelope_.wants_usage = text == "true";
    } else if (key == "type") {
      envelope_.needs.structured = text == "\"json_schema\"" || text == "\"json_object\"";
    }
    return true;
  }

  bool note_message() {
    if (message_role_.empty()) return mistyped(fmt::format("messages[{}].role", message_), "given");
    static constexpr std::string_view roles[] = {"system", "developer", "user", "assistant", "tool", "function"};
    bool known = false;
    for (const std::string_view role : roles) known = known || role == message_role_;
    if (!known) return mistyped(fmt::format("messages[{}].role", message_), "one of system, developer, user, assistant, tool");
    if (message_role_ == "function") envelope_.rare_fields = true;
    if (message_role_ == "system" || message_role_ == "developer") {
      envelope_.several_system = envelope_.several_system || message_ != 0;
      envelope_.developer = envelope_.developer || message_role_ == "developer";
    }
    return true;
  }

  std::string_view text_of(const Envelope::Field& field) const { return text_.substr(field.value_at, field.end - field.value_at); }

  // Of values that have been found to be JSON.
  static bool is_number(std::string_view text) noexcept { return text.front() == '-' || (text.front() >= '0' && text.front() <= '9'); }
  static std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(n) : json::read(text)->integer();
  }

  Status check() {
    bool has_messages = false;
    std::string_view old_limit, new_limit;
    for (const Envelope::Field& field : envelope_.fields) {
      const std::string_view key = field.key, text = text_of(field);
      const bool null = text == "null";
      if (key == "model") {
        if (text.front() != '"' || text.size() == 2) return bad("model", "a string that is not empty");
        envelope_.model = text.substr(1, text.size() - 2);
        if (envelope_.model.find('\\') != std::string_view::npos) return bad("model", "written without escapes");
        envelope_.model_at = field.value_at;
        envelope_.model_length = text.size();
      } else if (key == "messages") {
        has_messages = text.find_first_not_of(" \t\r\n", 1) != text.size() - 1;
      } else if (key == "stream") {
        if (!null && text != "true" && text != "false") return bad("stream", "true or false");
        envelope_.stream = text == "true";
      } else if (key == "n") {
        const auto n = integer_of(text);
        if (!null && (!n || *n < 1 || *n > 128)) return bad("n", "an integer from 1 to 128");
        envelope_.choices = n.value_or(1);
      } else if (key == "max_tokens") {
        old_limit = null ? std::string_view() : text;
      } else if (key == "max_completion_tokens") {
        new_limit = null ? std::string_view() : text;
      } else if (key == "tools" || key == "functions") {
        if (!null && text.front() != '[') return bad(std::string(key), "an array");
        if (!null && text.find('{') != std::string_view::npos) envelope_.needs.tools = true;
      } else if (key == "logprobs") {
        if (!null && text != "true" && text != "false") return bad("logprobs", "true or false");
        envelope_.needs.logprobs = text == "true";
      } else if (key == "reasoning_effort") {
        if (!null && text.front() != '"') return bad("reasoning_effort", "a string");
        envelope_.needs.reasoning = !null && text != "\"none\"";
      } else if (key == "temperature" || key == "top_p" || key == "presence_penalty" || key == "frequency_penalty") {
        if (!null && !is_number(text)) return bad(std::string(key), "a number");
      } else if (key == "stop") {
        if (!null && text.front() != '"' && text.front() != '[') return bad("stop", "a string or an array of strings");
      } else if (key == "stream_options" || key == "response_format") {
        if (!null && text.front() != '{') return bad(std::string(key), "an object");
      }
    }
    if (envelope_.model.empty()) return bad("model", "given");
    if (!has_messages) return bad("messages", "an array with at least one message");
    const std::string_view limit = new_limit.empty() ? old_limit : new_limit;
    if (!limit.empty()) {
      const auto tokens = integer_of(limit);
      if (!tokens || *tokens < 1) return bad(new_limit.empty() ? "max_tokens" : "max_completion_tokens", "a positive integer");
      envelope_.max_output_tokens = *tokens;
    }
    return ok();
  }
  static std::unexpected<Error> bad(const std::string& param, std::string_view what) {
    return fail(Fault::bad_request, fmt::format("{} must be {}", param, what), "invalid_value", param);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Envelope envelope_;
  std::vector<std::string_view> keys_;  // of the objects that are open, innermost last
  std::deque<std::string> plain_;       // keys that were written with escapes
  std::size_t message_ = 0;
  std::string_view message_role_;
  std::size_t text_bytes_ = 0;
  std::int64_t images_ = 0;
  std::string why_, param_;
};

}  // namespace

Result<Envelope> inspect(Dialect inbound, std::string_view body) {
  if (inbound != Dialect::openai_chat)
    return fail(Fault::bad_request, fmt::format("requests in {} are not accepted here", name_of(inbound)));
  if (!simdjson::validate_utf8(body.data(), body.size())) return fail(Fault::bad_request, "the body is not valid UTF-8", "invalid_json");
  return Inspector(body).run();
}

std::size_t Body::size() const noexcept {
  std::size_t total = 0;
  for (const Span& span : spans) total += span.length;
  return total;
}

std::string Body::text() const {
  std::string all;
  all.reserve(size());
  for (const Span& span : spans) all.append(piece(span));
  return all;
}

}  // namespace ajar::wire

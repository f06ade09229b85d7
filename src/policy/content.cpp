// policy/content.cpp - a walk over the body with the keys above each value as hints.
#include "policy/content.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "detect/scan.hpp"
#include "policy/classify.hpp"
#include "policy/nested.hpp"

namespace ajar::policy {
namespace {

constexpr std::size_t seam = 160;               // bytes of each of two neighbouring texts that are read as one
constexpr std::size_t least_remembered = 256;   // bytes: below, a look costs as much as a digest
constexpr std::size_t least_blob = 2048;        // characters of base64 that are no text
constexpr std::size_t least_token_numbers = 8;  // numbers in a row that may be a text's tokens

// Values that name something kept elsewhere, and values that are media.
constexpr std::array<std::string_view, 8> references{"previous_response_id", "file_id",   "file_uri",      "fileUri",
                                                     "conversation",         "container", "cachedContent", "cached_content"};
constexpr std::array<std::string_view, 10> media_types{"image_url", "input_image", "image",      "input_audio", "audio",
                                                       "document",  "file",        "input_file", "video",       "video_url"};

bool is_base64(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=' || c == '-' ||
           c == '_' || c == '\n' || c == '\r';
  });
}

class Walk {
 public:
  explicit Walk(Memory* memory) : memory_(memory), unscanned_(label_named("unscanned", {}).value_or(top_label)) {}

  void value(const json::Value& v, std::string_view hint, int depth) {
    if (const std::string* s = v.string()) return text(*s, hint, depth);
    if (v.is_number()) return look(v.literal(), hint);
    if (const json::Array* array = v.array()) return list(*array, hint, depth);
    if (const json::Object* object = v.object()) members(*object, hint, depth);
  }
  Seen take() { return {label_, {kinds_.begin(), kinds_.end()}}; }
  void give_up() { label_ = top_label; }

 private:
  void raise(const detect::Finding& f) {
    const Label by = label_of(f);
    if (by == public_label) return;
    label_ = label_ | by;
    kinds_.insert(name_of(f.kind));
  }
  void unscanned(std::string_view why) {
    label_ = label_ | unscanned_;
    kinds_.insert(why);
  }
  void join(const Seen& seen) {
    label_ = label_ | seen.label;
    kinds_.insert(seen.kinds.begin(), seen.kinds.end());
  }

  // Looks where it was not looked before.
  template <class Look>
  void once(std::string_view t, std::string_view place, Look&& look) {
    if (memory_ == nullptr || t.size() < least_remembered) return look(*this);
    const Digest digest = sha256(std::string(place).append(1, '\n').append(t));
    if (const Seen* before = memory_->find(digest)) return join(*before);
    Walk here(nullptr);
    look(here);
    join(here.take());
    memory_->keep(digest, here.take());
  }

  void look(std::string_view t, std::string_view hint) {
    once(t, hint, [t, hint](Walk& walk) {
      for (const detect::Finding& f : detect::scan(t, hint)) walk.raise(f);
    });
  }

  // What begins in one text and ends in the next.
  void look_across(std::string_view end, std::string_view begin) {
    const std::string both = std::string(end).append(begin);
    once(both, "across", [&](Walk& walk) {
      for (const detect::Finding& f : detect::scan(both))
        if (f.start < end.size() && f.end > end.size()) walk.raise(f);
    });
  }

  void text(const std::string& s, std::string_view hint, int depth) {
    if (s.starts_with("data:")) return data_address(s);
    if (s.size() >= least_blob && is_base64(s)) return unscanned("BLOB");
    if (begins_like_json(s)) {
      if (depth >= deepest_json) return give_up();
      // Text that only begins like JSON is text.
      if (const auto inner = json_inside(s)) value(*inner, hint, depth + 1);
    }
    look(s, hint);
    if (!last_.empty() && s.size() > 1) look_across(last_, std::string_view(s).substr(0, seam));
    if (is_prose_) last_ = s.size() > seam ? s.substr(s.size() - seam) : s;
  }

  void data_address(std::string_view s) {
    const std::size_t comma = s.find(',');
    const std::string_view type = s.substr(5, comma == std::string_view::npos ? 0 : comma - 5);
    if (comma == std::string_view::npos || !type.starts_with("text/")) return unscanned("MEDIA");
    look(s.substr(comma + 1), {});
  }

  void list(const json::Array& array, std::string_view hint, int depth) {
    if (array.size() >= least_token_numbers && std::ranges::all_of(array, [](const json::Value& v) { return v.is_number(); }))
      return unscanned("TOKEN_NUMBERS");
    for (const json::Value& item : array) value(item, hint, depth);
  }

  void members(const json::Object& object, std::string_view hint, int depth) {
    const auto word = [&](std::string_view key) -> std::string_view {
      const auto at = std::ranges::find(object.members, key, &json::Member::key);
      const std::string* s = at == object.members.end() ? nullptr : at->value.string();
      return s == nullptr ? std::string_view() : std::string_view(*s);
    };
    const std::string_view type = word("type");
    // Documents of text are read like any text.
    if (std::ranges::find(media_types, type) != media_types.end() && !has_text_source(object)) unscanned("MEDIA");
    for (const json::Member& m : object.members) {
      if (m.key == "inlineData" || m.key == "inline_data" || m.key == "fileData") unscanned("MEDIA");
      if (std::ranges::find(references, m.key) != references.end() && !m.value.is_null()) unscanned("REFERENCE");
      // A key may hold anything; those of the APIs are words.
      if (m.key.size() > 24 || m.key.find_first_of("0123456789@ ") != std::string::npos ||
          std::ranges::any_of(m.key, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        look(m.key, hint);
      const bool prose =
          m.key == "content" || m.key == "text" || m.key == "input" || m.key == "prompt" || m.key == "output" || m.key == "arguments";
      const bool before = is_prose_;
      is_prose_ = prose || (before && m.value.string() == nullptr);
      value(m.value, hint_below(hint, m.key), depth);
      is_prose_ = before;
    }
  }

  static bool has_text_source(const json::Object& object) {
    const auto at = std::ranges::find(object.members, std::string_view("source"), &json::Member::key);
    const json::Object* source = at == object.members.end() ? nullptr : at->value.object();
    if (source != nullptr)
      return std::ranges::any_of(source->members, [](const json::Member& m) {
        return m.key == "type" && m.value.string() != nullptr && (*m.value.string() == "text" || *m.value.string() == "content");
      });
    // A file whose bytes are text is read.
    const auto file = std::ranges::find(object.members, std::string_view("file"), &json::Member::key);
    const json::Object* inner = file == object.members.end() ? nullptr : file->value.object();
    return inner != nullptr && std::ranges::any_of(inner->members, [](const json::Member& m) {
             return m.key == "file_data" && m.value.string() != nullptr && m.value.string()->starts_with("data:text/");
           });
  }

  Memory* memory_;
  const Label unscanned_;
  Label label_;
  std::set<std::string_view> kinds_;
  std::string last_;
  bool is_prose_ = false;
};

}  // namespace

Seen look_at(std::string_view body, Memory* memory) {
  const auto value = json::read(body);
  if (!value) return {top_label, {"UNREADABLE"}};
  Walk walk(memory);
  walk.value(*value, {}, 0);
  return walk.take();
}

}  // namespace ajar::policy

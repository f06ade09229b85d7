// base/json.cpp - the strict reader, the exact writer and the tree's small operations.
#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "base/text.hpp"

namespace ajar::json {
namespace {

const Value null_value;

class Reader {
 public:
  Reader(std::string_view text, ReadOptions options) : text_(text), options_(options) {}

  Result<Value> document() {
    blanks();
    Value value;
    if (!read(value, 0)) return error();
    blanks();
    if (at_ != text_.size()) return wrong("something follows the JSON text"), error();
    return value;
  }

 private:
  std::unexpected<Error> error() const {
    return fail(Fault::bad_request, fmt::format("invalid JSON at byte {}: {}", at_, why_), "invalid_json");
  }
  bool wrong(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }
  bool more() const { return at_ < text_.size(); }
  void blanks() {
    while (more() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }
  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return wrong("unknown literal");
    at_ += word.size();
    return true;
  }

  bool read(Value& into, int depth) {
    if (!more()) return wrong("the text ends too early");
    if (depth >= options_.depth && (text_[at_] == '{' || text_[at_] == '['))
      return wrong(fmt::format("nested deeper than {}", options_.depth));
    switch (text_[at_]) {
      case '{':
        return object(into, depth);
      case '[':
        return array(into, depth);
      case '"': {
        std::string text;
        if (!string(text)) return false;
        into = Value(std::move(text));
        return true;
      }
      case 't':
        into = Value(true);
        return literal("true");
      case 'f':
        into = Value(false);
        return literal("false");
      case 'n':
        into = Value();
        return literal("null");
      default:
        return number(into);
    }
  }

  bool object(Value& into, int depth) {
    Object object;
    std::unordered_set<std::string> seen;  // used for large objects only
    ++at_;
    blanks();
    if (more() && text_[at_] == '}') return ++at_, into = Value(std::move(object)), true;
    while (true) {
      blanks();
      std::string key;
      if (!more() || text_[at_] != '"') return wrong("a member's name is expected");
      if (!string(key)) return false;
      if (options_.refuse_duplicates && is_repeated(object, seen, key))
        return wrong(fmt::format("the key \"{}\" stands twice in one object", clipped(key, 60)));
      blanks();
      if (!more() || text_[at_] != ':') return wrong("':' is expected");
      ++at_;
      blanks();
      object.members.push_back({std::move(key), Value()});
      if (!read(object.members.back().value, depth + 1)) return false;
      blanks();
      if (!more()) return wrong("the text ends inside an object");
      const char c = text_[at_++];
      if (c == '}') break;
      if (c != ',') return --at_, wrong("',' or '}' is expected");
    }
    into = Value(std::move(object));
    return true;
  }

  static bool is_repeated(const Object& object, std::unordered_set<std::string>& seen, const std::string& key) {
    constexpr std::size_t few = 16;
    if (object.size() < few) return object.find(key) != nullptr;
    if (seen.empty())
      for (const Member& member : object.members) seen.insert(member.key);
    return !seen.insert(key).second;
  }

  bool array(Value& into, int depth) {
    Array array;
    ++at_;
    blanks();
    if (more() && text_[at_] == ']') return ++at_, into = Value(std::move(array)), true;
    while (true) {
      blanks();
      array.emplace_back();
      if (!read(array.back(), depth + 1)) return false;
      blanks();
      if (!more()) return wrong("the text ends inside an array");
      const char c = text_[at_++];
      if (c == ']') break;
      if (c != ',') return --at_, wrong("',' or ']' is expected");
    }
    into = Value(std::move(array));
    return true;
  }

  bool digits() {
    const std::size_t from = at_;
    while (more() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > from;
  }

  bool number(Value& into) {
    const std::size_t from = at_;
    if (more() && text_[at_] == '-') ++at_;
    if (more() && text_[at_] == '0')
      ++at_;
    else if (!digits())
      return wrong("a value is expected");
    if (more() && text_[at_] == '.' && (++at_, !digits())) return wrong("digits are expected after '.'");
    if (more() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (more() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return wrong("digits are expected in the exponent");
    }
    into = Value(Number{std::string(text_.substr(from, at_ - from))});
    return true;
  }

  bool string(std::string& into) {
    ++at_;
    while (true) {
      const std::size_t from = at_;
      while (more() && text_[at_] != '"' && text_[at_] != '\\' && static_cast<unsigned char>(text_[at_]) >= 0x20 &&
             static_cast<unsigned char>(text_[at_]) < 0x80)
        ++at_;
      into.append(text_.substr(from, at_ - from));
      if (!more()) return wrong("the text ends inside a string");
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') return ++at_, true;
      if (byte == '\\') {
        if (!escape(into)) return false;
      } else if (byte < 0x20) {
        return wrong("a control character stands in a string");
      } else if (!utf8(into)) {
        return false;
      }
    }
  }

  std::optional<std::uint32_t> hex4() {
    if (at_ + 4 > text_.size()) return std::nullopt;
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc{} || end != text_.data() + at_ + 4) return std::nullopt;
    at_ += 4;
    return code;
  }

  bool escape(std::string& into) {
    ++at_;
    if (!more()) return wrong("the text ends inside a string");
    switch (text_[at_++]) {
      case '"':
        into += '"';
        return true;
      case '\\':
        into += '\\';
        return true;
      case '/':
        into += '/';
        return true;
      case 'b':
        into += '\b';
        return true;
      case 'f':
        into += '\f';
        return true;
      case 'n':
        into += '\n';
        return true;
      case 'r':
        into += '\r';
        return true;
      case 't':
        into += '\t';
        return true;
      case 'u':
        break;
      default:
        return --at_, wrong("unknown escape");
    }
    auto code = hex4();
    if (!code) return wrong("four hexadecimal digits are expected");
    if (*code >= 0xD800 && *code <= 0xDBFF) {
      if (text_.substr(at_, 2) != "\\u") return wrong("a surrogate stands alone");
      at_ += 2;
      const auto low = hex4();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return wrong("a surrogate stands alone");
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*code >= 0xDC00 && *code <= 0xDFFF) {
      return wrong("a surrogate stands alone");
    }
    append(into, *code);
    return true;
  }

  static void append(std::string& into, std::uint32_t code) {
    const auto put = [&into](std::uint32_t byte) { into.push_back(static_cast<char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
    if (code < 0x10000) return put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
    put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  }

  // One character beyond ASCII; overlong forms, surrogates and what is above U+10FFFF are refused.
  bool utf8(std::string& into) {
    const auto first = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at_ + length > text_.size()) return wrong("invalid UTF-8");
    std::uint32_t code = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text_[at_ + i]);
      if ((next & 0xC0) != 0x80) return wrong("invalid UTF-8");
      code = (code << 6) | (next & 0x3Fu);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)) || (code >= 0xD800 && code <= 0xDFFF))
      return wrong("invalid UTF-8");
    into.append(text_.substr(at_, length));
    at_ += length;
    return true;
  }

  std::string_view text_;
  ReadOptions options_;
  std::size_t at_ = 0;
  std::string why_;
};

void write_at(std::string& out, const Value& value, int indent) {
  const auto line = [&](int depth) {
    if (indent >= 0) out.append("\n").append(static_cast<std::size_t>(depth) * 2, ' ');
  };
  const int inner = indent < 0 ? -1 : indent + 1;
  if (const Array* array = value.array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i != 0) out += ',';
      line(inner);
      write_at(out, (*array)[i], inner);
    }
    if (!array->empty()) line(indent);
    out += ']';
  } else if (const Object* object = value.object()) {
    out += '{';
    for (std::size_t i = 0; i < object->members.size(); ++i) {
      if (i != 0) out += ',';
      line(inner);
      quote_to(out, object->members[i].key);
      out += indent < 0 ? ":" : ": ";
      write_at(out, object->members[i].value, inner);
    }
    if (!object->empty()) line(indent);
    out += '}';
  } else {
    write_to(out, value);
  }
}

}  // namespace

const Value* Object::find(std::string_view key) const noexcept {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}
Value* Object::find(std::string_view key) noexcept {
  for (Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}
Value& Object::set(std::string_view key, Value value) {
  if (Value* known = find(key)) return *known = std::move(value);
  members.push_back({std::string(key), std::move(value)});
  return members.back().value;
}
bool Object::erase(std::string_view key) {
  return std::erase_if(members, [&](const Member& m) { return m.key == key; }) != 0;
}
bool Object::empty() const noexcept { return members.empty(); }
std::size_t Object::size() const noexcept { return members.size(); }

Value::Value() noexcept = default;
Value::Value(std::nullptr_t) noexcept {}
Value::Value(bool b) : data_(b) {}
Value::Value(const char* s) : data_(std::string(s)) {}
Value::Value(std::string s) : data_(std::move(s)) {}
Value::Value(std::string_view s) : data_(std::string(s)) {}
Value::Value(Number n) : data_(std::move(n)) {}
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;
Value::Value(int i) : data_(Number{std::to_string(i)}) {}
Value::Value(std::int64_t i) : data_(Number{std::to_string(i)}) {}
Value::Value(double d) : data_(Number{std::isfinite(d) ? fmt::format("{}", d) : "0"}) {}
Value::Value(Array a) : data_(std::make_unique<Array>(std::move(a))) {}
Value::Value(Object o) : data_(std::make_unique<Object>(std::move(o))) {}
Value::Value(std::initializer_list<std::pair<std::string_view, Value>> members) : data_(std::make_unique<Object>()) {
  for (const auto& [key, value] : members) object()->members.push_back({std::string(key), value});
}
Value::Value(const Value& other) { *this = other; }
Value& Value::operator=(const Value& other) {
  if (this == &other) return *this;
  switch (other.data_.index()) {
    case 1:
      data_ = std::get<1>(other.data_);
      break;
    case 2:
      data_ = std::get<2>(other.data_);
      break;
    case 3:
      data_ = std::get<3>(other.data_);
      break;
    case 4:
      data_ = std::make_unique<Array>(*other.array());
      break;
    case 5:
      data_ = std::make_unique<Object>(*other.object());
      break;
    default:
      data_ = std::monostate{};
      break;
  }
  return *this;
}

const std::string* Value::string() const noexcept { return std::get_if<std::string>(&data_); }
std::string_view Value::text(std::string_view otherwise) const noexcept {
  return string() != nullptr ? std::string_view(*string()) : otherwise;
}
std::optional<bool> Value::boolean() const noexcept {
  const bool* b = std::get_if<bool>(&data_);
  return b != nullptr ? std::optional(*b) : std::nullopt;
}
std::optional<std::int64_t> Value::integer() const noexcept {
  const Number* n = std::get_if<Number>(&data_);
  if (n == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* end = n->literal.data() + n->literal.size();
  if (const auto [stop, error] = std::from_chars(n->literal.data(), end, value); error == std::errc{} && stop == end) return value;
  const auto d = number();
  if (!d || *d != std::floor(*d) || std::fabs(*d) > 9.0e15) return std::nullopt;  // 1e3 and 5.0 are integers too
  return static_cast<std::int64_t>(*d);
}
std::optional<double> Value::number() const noexcept {
  const Number* n = std::get_if<Number>(&data_);
  if (n == nullptr) return std::nullopt;
  double value = 0;
  const char* end = n->literal.data() + n->literal.size();
  if (const auto [stop, error] = std::from_chars(n->literal.data(), end, value); error != std::errc{} || stop != end) return std::nullopt;
  return value;
}
const Array* Value::array() const noexcept { return is_array() ? std::get<4>(data_).get() : nullptr; }
Array* Value::array() noexcept { return is_array() ? std::get<4>(data_).get() : nullptr; }
const Object* Value::object() const noexcept { return is_object() ? std::get<5>(data_).get() : nullptr; }
Object* Value::object() noexcept { return is_object() ? std::get<5>(data_).get() : nullptr; }

const Value& Value::operator[](std::string_view key) const noexcept {
  const Object* o = object();
  const Value* found = o != nullptr ? o->find(key) : nullptr;
  return found != nullptr ? *found : null_value;
}
const Value& Value::at(std::size_t index) const noexcept {
  const Array* a = array();
  return a != nullptr && index < a->size() ? (*a)[index] : null_value;
}
Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = std::make_unique<Object>();
  return object()->set(key, std::move(value));
}
Value& Value::push(Value value) {
  if (is_null()) data_ = std::make_unique<Array>();
  return array()->emplace_back(std::move(value));
}

bool Value::operator==(const Value& other) const {
  if (data_.index() != other.data_.index()) return false;
  if (is_number()) return std::get<2>(data_).literal == std::get<2>(other.data_).literal || (number() && number() == other.number());
  if (is_array()) return *array() == *other.array();
  if (is_object()) {
    const Object &a = *object(), &b = *other.object();
    return a.size() == b.size() && std::ranges::all_of(a.members, [&](const Member& m) {
             const Value* v = b.find(m.key);
             return v != nullptr && *v == m.value;
           });
  }
  if (is_bool()) return std::get<1>(data_) == std::get<1>(other.data_);
  return is_null() || *string() == *other.string();
}

Result<Value> read(std::string_view text, ReadOptions options) { return Reader(text, options).document(); }

void quote_to(std::string& out, std::string_view text) {
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(from, i - from));
    from = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        break;
    }
  }
  out.append(text.substr(from));
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  quote_to(out, text);
  return out;
}

void write_to(std::string& out, const Value& value) {
  if (value.is_array() || value.is_object()) return write_at(out, value, -1);
  if (value.is_string()) return quote_to(out, *value.string());
  if (const auto b = value.boolean())
    out += *b ? "true" : "false";
  else if (value.is_number())
    out += value.literal();
  else
    out += "null";
}

std::string write(const Value& value) {
  std::string out;
  write_to(out, value);
  return out;
}

std::string write_pretty(const Value& value) {
  std::string out;
  write_at(out, value, 0);
  return out;
}

}  // namespace ajar::json

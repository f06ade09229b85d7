// base/json.hpp - Value: a JSON tree that keeps member order and number literals; strict reader, exact writer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace ajar::json {

class Value;
struct Member;
using Array = std::vector<Value>;

// A number keeps the literal that was read, so that nothing is rounded on its way through.
struct Number {
  std::string literal;
};

// Members in order of arrival. Look-up is linear: requests have few keys per object.
struct Object {
  std::vector<Member> members;
  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept;
  Value& set(std::string_view key, Value);  // replaces in place or appends; gives the member's value
  bool erase(std::string_view key);
  bool empty() const noexcept;
  std::size_t size() const noexcept;
};

class Value {
 public:
  Value() noexcept;  // null
  Value(std::nullptr_t) noexcept;
  Value(bool);
  Value(const char*);
  Value(std::string);
  Value(std::string_view);
  Value(int);
  Value(std::int64_t);
  Value(double);
  Value(Number);
  Value(Array);
  Value(Object);
  Value(std::initializer_list<std::pair<std::string_view, Value>> members);  // an object
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  bool is_null() const noexcept { return data_.index() == 0; }
  bool is_bool() const noexcept { return data_.index() == 1; }
  bool is_number() const noexcept { return data_.index() == 2; }
  bool is_string() const noexcept { return data_.index() == 3; }
  bool is_array() const noexcept { return data_.index() == 4; }
  bool is_object() const noexcept { return data_.index() == 5; }

  // nullptr or nullopt when of another kind.
  const std::string* string() const noexcept;
  std::string_view text(std::string_view otherwise = {}) const noexcept;  // string or `otherwise`
  std::optional<bool> boolean() const noexcept;
  std::optional<std::int64_t> integer() const noexcept;  // literal is integral and fits
  std::optional<double> number() const noexcept;
  std::string_view literal() const noexcept {
    return is_number() ? std::string_view(std::get<2>(data_).literal) : std::string_view();
  }  // of a number
  const Array* array() const noexcept;
  Array* array() noexcept;
  const Object* object() const noexcept;
  Object* object() noexcept;

  // Member of an object; a shared null when absent or not an object.
  const Value& operator[](std::string_view key) const noexcept;
  const Value& at(std::size_t index) const noexcept;  // element; the shared null when out of range
  Value& set(std::string_view key, Value);            // makes an object of a null
  Value& push(Value);                                 // makes an array of a null; gives the element

  bool operator==(const Value&) const;  // as JSON: key order free, numbers by value

 private:
  std::variant<std::monostate, bool, Number, std::string, std::unique_ptr<Array>, std::unique_ptr<Object>> data_;
};

struct Member {
  std::string key;
  Value value;
};

struct ReadOptions {
  int depth = 64;
  bool refuse_duplicates = true;
};

// One JSON text, strict (RFC 8259, valid UTF-8, no duplicate keys, nothing after it). Faults: bad_request, message says what and at which
// byte.
Result<Value> read(std::string_view text, ReadOptions = {});

std::string write(const Value&);         // compact
std::string write_pretty(const Value&);  // two blanks of indentation
void write_to(std::string& out, const Value&);
void quote_to(std::string& out, std::string_view text);  // as a JSON string, with its quotes
std::string quote(std::string_view text);

}  // namespace ajar::json

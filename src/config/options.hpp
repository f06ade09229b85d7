// config/options.hpp - every option of a configuration file, once: what the loader accepts and what the reference says.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ajar::config {

// A name travels in headers, metrics and the ledger: printable ASCII, at most 200 characters.
enum class Type : std::uint8_t { name, string, integer, boolean, number, strings, table, duration, bytes };

struct Option {
  std::string_view section;  // "listen", "deployment", "deployment.price", "rule.when" ...
  std::string_view key;
  Type type;
  std::string_view standard;  // default as written; "" = none
  std::string_view doc;
  bool needed = false;
  bool restart = false;              // a change takes effect after a restart only
  std::int64_t least = 0, most = 0;  // of integers, durations (milliseconds) and sizes (bytes)
  std::string_view choices{};        // the words that may stand there, separated by ", "; "" = any

  constexpr Option(std::string_view in, std::string_view name, Type kind, std::string_view otherwise, std::string_view what)
      : section(in), key(name), type(kind), standard(otherwise), doc(what) {}
  constexpr Option must() const {
    Option o = *this;
    o.needed = true;
    return o;
  }
  constexpr Option restarts() const {
    Option o = *this;
    o.restart = true;
    return o;
  }
  constexpr Option within(std::int64_t from, std::int64_t to) const {
    Option o = *this;
    o.least = from, o.most = to;
    return o;
  }
  constexpr Option one_of(std::string_view words) const {
    Option o = *this;
    o.choices = words;
    return o;
  }
};

std::span<const Option> options() noexcept;
const Option* option_named(std::string_view section, std::string_view key) noexcept;

struct Section {
  std::string_view name, doc;
  bool repeated;
};
std::span<const Section> sections() noexcept;
std::string heading_of(std::string_view section);  // "[listen]", "[[zone]]", "the top level"

std::string reference();  // docs/CONFIG.md

}  // namespace ajar::config

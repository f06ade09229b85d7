// config/options.hpp - every option of a configuration file, once: what the loader accepts and what the reference says.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace ajar::config {

enum class Type : std::uint8_t { string, integer, boolean, number, strings, table, duration, bytes };

struct Option {
  std::string_view section;   // "listen", "deployment", "deployment.price", "rule.when" ...
  std::string_view key;
  Type type;
  std::string_view standard;  // default as written; "" = none
  std::string_view doc;
  bool needed = false;
  bool restart = false;       // a change takes effect after a restart only
};

std::span<const Option> options() noexcept;
struct Section { std::string_view name, doc; bool repeated; };
std::span<const Section> sections() noexcept;

std::string reference();   // docs/CONFIG.md

}  // namespace ajar::config

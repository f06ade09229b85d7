// tests/config/support.hpp - what the tests of configurations share: an environment of their own, problems as lines.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace ajar::config {

// Every variable is set, but for those that begin with UNSET; a secret is long enough and its own.
inline Environment full_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    if (name.starts_with("UNSET")) return std::nullopt;
    return "the-value-of-" + name;
  };
}

inline Environment environment_with(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found != values.end() ? std::optional(found->second) : std::nullopt;
  };
}

inline Loaded load(std::string_view text) { return load_text(text, "f", full_environment()); }

// "LINE:COLUMN: message | remedy", in order.
inline std::vector<std::string> lines_of(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& p : problems)
    lines.push_back(std::to_string(p.line) + ":" + std::to_string(p.column) + ": " + p.message + " | " + p.remedy);
  return lines;
}

inline std::string told(const std::vector<Problem>& problems) {
  std::string text;
  for (const std::string& line : lines_of(problems)) text += line + "\n";
  return text;
}

// Something that is good and complete, to which a test adds its part.
inline const std::string good =
    "[[deployment]]\nname = \"d\"\nprovider = \"vllm\"\nmodel = \"m\"\nendpoint = \"http://127.0.0.1:8000\"\n"
    "[[key]]\nname = \"k\"\nsecret = \"env:A_KEY\"\n";

}  // namespace ajar::config

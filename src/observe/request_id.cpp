// observe/request_id.cpp - checking what callers send.
#include "observe/request_id.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace ajar::observe {
namespace {

bool is_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}
bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string accept_request_id(std::string_view from_caller) {
  if (!from_caller.empty() && from_caller.size() <= 64 && std::ranges::all_of(from_caller, is_word)) return std::string(from_caller);
  return "req-" + random_text(20);
}

bool is_traceparent(std::string_view text) noexcept {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32), span = text.substr(36, 16);
  const auto zero = [](char c) { return c == '0'; };
  return std::ranges::all_of(trace, is_hex) && std::ranges::all_of(span, is_hex) && std::ranges::all_of(text.substr(53), is_hex) &&
         !std::ranges::all_of(trace, zero) && !std::ranges::all_of(span, zero);
}

}  // namespace ajar::observe

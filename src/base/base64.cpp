// base/base64.cpp - three bytes to four characters and back.
#include "base/base64.hpp"

#include <cstdint>

namespace ajar {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    const std::size_t size = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i) bits = (bits << 8) | (i < size ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out.push_back(i <= size ? alphabet[(bits >> (18 - 6 * i)) & 63U] : '=');
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  if (text.size() % 4 != 0) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t value = alphabet.find(text[at + i]);
      bits = (bits << 6) | (value == std::string_view::npos ? 0U : static_cast<std::uint32_t>(value));
    }
    for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<char>((bits >> shift) & 0xFFU));
  }
  if (text.ends_with("==")) out.pop_back();
  if (text.ends_with('=')) out.pop_back();
  return to_base64(out) == text ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace ajar

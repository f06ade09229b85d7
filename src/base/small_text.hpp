// base/small_text.hpp - SmallText: an owned string in one pointer; empty ones, the usual case, cost no memory.
#pragma once

#include <concepts>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ajar {

// For texts that stand by the dozen in long-lived objects and are nearly always empty, as those of an Error in every Result.
class SmallText {
 public:
  SmallText() noexcept = default;
  SmallText(std::string text) : text_(text.empty() ? nullptr : std::make_unique<std::string>(std::move(text))) {}
  SmallText(std::string_view text) : SmallText(std::string(text)) {}
  SmallText(const char* text) : SmallText(std::string(text)) {}
  SmallText(const SmallText& other) : text_(other.text_ ? std::make_unique<std::string>(*other.text_) : nullptr) {}
  SmallText(SmallText&&) noexcept = default;
  SmallText& operator=(const SmallText& other) { return *this = SmallText(other); }
  SmallText& operator=(SmallText&&) noexcept = default;
  ~SmallText() = default;

  bool empty() const noexcept { return text_ == nullptr; }
  const std::string& str() const noexcept {
    static const std::string none;
    return text_ ? *text_ : none;
  }
  operator const std::string&() const noexcept { return str(); }
  std::size_t find(std::string_view part) const noexcept { return str().find(part); }
  SmallText& operator+=(std::string_view more) { return *this = SmallText(str() + std::string(more)); }
  operator std::string_view() const noexcept { return str(); }
  template <std::convertible_to<std::string_view> T>
  friend bool operator==(const SmallText& a, const T& b) noexcept {
    return a.str() == std::string_view(b);
  }
  friend bool operator==(const SmallText& a, const SmallText& b) noexcept { return a.str() == b.str(); }
  template <class Traits>
  friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const SmallText& text) {
    return out << text.str();
  }

 private:
  std::unique_ptr<std::string> text_;
};

inline std::string_view format_as(const SmallText& text) noexcept { return text.str(); }  // for fmt
inline std::string operator+(std::string_view a, const SmallText& b) { return std::string(a) += b.str(); }
inline std::string operator+(const SmallText& a, std::string_view b) { return a.str() + std::string(b); }

}  // namespace ajar

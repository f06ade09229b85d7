// detect/views.hpp - View: a text as it reads once what hides it is undone, and where each of its bytes comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ajar::detect {

struct View {
  std::string text;
  std::vector<std::uint32_t> origin;  // for each byte of `text`, and for its end, a byte of the original
  bool hidden = false;                // many characters were there only to hide text
};

// Invisible characters gone, other forms of letters and digits as the usual ones, look-alikes of other scripts as Latin; percent, HTML and
// \u escapes, spelled-out @ and dots, and joined pieces of strings undone; single characters with blanks between put together; digits
// written as words. Nothing when there is nothing to undo.
std::optional<View> plain_view(std::string_view text);

// The parts of a text, in order and apart from each other, in which plain_view may have something to undo, with what stands around it.
struct Part {
  std::size_t start = 0, end = 0;
};
std::vector<Part> suspicious_parts(std::string_view text);

// Texts in base64 and hexadecimal inside a text.
struct Decoded {
  std::uint32_t start = 0, end = 0;  // in the text
  std::string text;
};
std::vector<Decoded> decoded_in(std::string_view text);

}  // namespace ajar::detect

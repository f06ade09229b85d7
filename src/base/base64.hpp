// base/base64.hpp - Base64 with padding, the standard alphabet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ajar {

std::string to_base64(std::string_view bytes);
// Nothing when it is not exactly what to_base64 makes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ajar

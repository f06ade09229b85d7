// observe/request_id.hpp - request ids and trace contexts that travel.
#pragma once

#include <string>
#include <string_view>

namespace ajar::observe {

// The caller's id when it is 1 to 64 letters, digits, '.', '_' or '-'; else a new one.
std::string accept_request_id(std::string_view from_caller);

// A W3C traceparent, version 00: two lower-case hex digits, 32, 16, 2, with neither id all zero.
bool is_traceparent(std::string_view) noexcept;

}  // namespace ajar::observe

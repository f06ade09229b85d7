// gateway/pipeline.hpp - carries one chat through its eight stages, in this order and no other.
#pragma once

#include "gateway/exchange.hpp"

namespace ajar::gateway {

// Identify, decode, reserve, clear, choose, dispatch, relay; then settle, on every path.
net::Task<void> carry(Exchange&);

}  // namespace ajar::gateway

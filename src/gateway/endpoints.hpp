// gateway/endpoints.hpp - which path and method is answered by what.
#pragma once

#include <memory>

#include "gateway/exchange.hpp"
#include "gateway/server.hpp"

namespace ajar::gateway {

struct Context {
  const std::shared_ptr<const Runtime>& runtime;
  const Services& services;
  const Foundation& foundation;
  bool draining;
};

// POST /v1/chat/completions goes through the pipeline; models, health and metrics are answered here; all else is 404 or 405.
net::Task<void> answer(net::Call&, Context);

// A head that could not be read.
net::Task<void> refuse_head(net::Call&, const Error&);

}  // namespace ajar::gateway

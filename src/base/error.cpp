// base/error.cpp - names of faults.
#include "base/error.hpp"

namespace ajar {

std::string_view name_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::bad_request:
      return "bad_request";
    case Fault::too_large:
      return "too_large";
    case Fault::context_too_long:
      return "context_too_long";
    case Fault::unauthenticated:
      return "unauthenticated";
    case Fault::forbidden:
      return "forbidden";
    case Fault::not_found:
      return "not_found";
    case Fault::rate_limited:
      return "rate_limited";
    case Fault::over_budget:
      return "over_budget";
    case Fault::upstream_auth:
      return "upstream_auth";
    case Fault::upstream_refused:
      return "upstream_refused";
    case Fault::upstream_unavailable:
      return "upstream_unavailable";
    case Fault::overloaded:
      return "overloaded";
    case Fault::timed_out:
      return "timed_out";
    case Fault::cancelled:
      return "cancelled";
    case Fault::config:
      return "config";
    case Fault::storage:
      return "storage";
    case Fault::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace ajar

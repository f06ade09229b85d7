// wire/translation.cpp - which lane a target needs.
#include "wire/translation.hpp"

#include <fmt/format.h>

#include "wire/lanes.hpp"

namespace ajar::wire {

Result<std::unique_ptr<Translation>> Translation::make(Dialect inbound, const Envelope& envelope, const Target& target) {
  if (inbound != Dialect::openai_chat) return fail(Fault::bad_request, "this dialect is not accepted here");
  switch (target.profile->dialect) {
    case Dialect::openai_chat:
      return make_chat(envelope, target);
    case Dialect::openai_responses:
      return make_responses(envelope, target);
    case Dialect::anthropic_messages:
      return make_anthropic(envelope, target);
    case Dialect::gemini_generate:
      return make_gemini(envelope, target);
    case Dialect::ollama_chat:
      return make_ollama(envelope, target);
  }
  return fail(Fault::internal, "unknown dialect");
}

Status keeps_all(std::span<const std::string> warnings) {
  constexpr std::string_view dropped = "dropped:";
  for (const std::string& warning : warnings)
    if (warning.starts_with(dropped)) {
      const std::string field = warning.substr(dropped.size());
      return fail(Fault::bad_request, fmt::format("{} cannot be carried by this route, and the request is strict (x-ajar-strict)", field),
                  "unsupported_by_route", field);
    }
  return ok();
}

}  // namespace ajar::wire

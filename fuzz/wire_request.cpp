// fuzz/wire_request.cpp - a caller's body: the quick pass and the strict reader agree, and every dialect's request is sound JSON or
// refused.
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "wire/quirks.hpp"
#include "wire/translation.hpp"

namespace {

using namespace ajar;

void check_target(std::string_view engine, std::optional<wire::Dialect> dialect, const wire::Envelope& envelope) {
  wire::Profile model;
  model.max_output_tokens = 1000;
  model.thinking = wire::Thinking::budget;
  wire::Profile profile = wire::profile_for(engine, model);
  profile.dialect = dialect.value_or(profile.dialect);
  wire::Target target;
  target.profile = &profile;
  target.model = "other-model";
  target.public_model = "model";
  const auto made = wire::Translation::make(wire::Dialect::openai_chat, envelope, target);
  if (!made) {
    if (made.error().fault == Fault::internal) std::abort();
    return;
  }
  const wire::Outbound out = (*made)->take_request();
  const std::string text = out.body.text();
  if (text.size() != out.body.size() || !json::read(text, {.depth = 200, .refuse_duplicates = true})) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string body(data, data + size);
  const auto envelope = wire::inspect(wire::Dialect::openai_chat, body);
  if (!envelope) {
    if (envelope.error().fault == Fault::internal) std::abort();
    return 0;
  }
  const auto tree = json::read(body);
  if (!tree || !tree->is_object() || tree->object()->size() != envelope->fields.size()) std::abort();
  for (const std::string_view engine : {"openai", "vllm", "anthropic", "google", "deepseek", "tgi"}) check_target(engine, {}, *envelope);
  check_target("ollama", wire::Dialect::ollama_chat, *envelope);
  check_target("openai", wire::Dialect::openai_responses, *envelope);
  return 0;
}

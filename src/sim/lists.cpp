// sim/lists.cpp - models lists in each shape, and engines' own endpoints.
#include "sim/lists.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "sim/speech.hpp"

namespace ajar::sim {
namespace {

constexpr std::int64_t context = 131'072, created = 1'767'225'600;  // 2026-01-01
constexpr std::string_view created_text = "2026-01-01T00:00:00Z";

Listing good(const json::Value& body) { return {.status = 200, .body = json::write(body)}; }

std::string_view owner(Engine engine) {
  switch (engine) {
    case Engine::none:
      return "ajar-sim";
    case Engine::openai:
      return "openai";
    case Engine::vllm:
      return "vllm";
    case Engine::sglang:
      return "sglang";
    case Engine::llamacpp:
      return "llamacpp";
    case Engine::ollama:
      return "library";
    case Engine::lmstudio:
      return "organization_owner";
    case Engine::tgi:
      return "tgi";
  }
  return "ajar-sim";
}

json::Value openai_model(const Script& script, std::string_view id) {
  json::Value model{{"id", id}, {"object", "model"}, {"created", created}, {"owned_by", owner(script.engine)}};
  if (script.engine == Engine::vllm || script.engine == Engine::sglang) {
    model.set("root", id);
    model.set("parent", nullptr);
    model.set("max_model_len", context);
  }
  if (script.engine == Engine::llamacpp)
    model.set("meta", json::Value{{"vocab_type", 2},
                                  {"n_vocab", 128256},
                                  {"n_ctx_train", context},
                                  {"n_embd", 4096},
                                  {"n_params", 8'030'261'248},
                                  {"size", 4'912'898'304}});
  return model;
}

json::Value anthropic_model(std::string_view id) {
  const json::Value yes{{"supported", true}};
  json::Value capabilities{
      {"structured_outputs", yes},
      {"image_input", yes},
      {"pdf_input", yes},
      {"thinking", json::Value{{"supported", true}, {"types", json::Value{{"adaptive", yes}, {"enabled", yes}, {"disabled", yes}}}}}};
  return json::Value{{"type", "model"},          {"id", id},
                     {"display_name", id},       {"created_at", created_text},
                     {"deprecated_at", nullptr}, {"retires_at", nullptr},
                     {"lifecycle", "active"},    {"max_input_tokens", context},
                     {"max_tokens", 64'000},     {"capabilities", std::move(capabilities)}};
}

json::Value gemini_model(std::string_view id) {
  return json::Value{{"name", fmt::format("models/{}", id)},
                     {"version", "001"},
                     {"displayName", id},
                     {"description", "Answers by script."},
                     {"inputTokenLimit", context},
                     {"outputTokenLimit", 64'000},
                     {"supportedGenerationMethods", json::Value(json::Array{"generateContent", "countTokens"})},
                     {"thinking", true}};
}

json::Value ollama_model(std::string_view id) {
  return json::Value{
      {"name", id},
      {"model", id},
      {"modified_at", created_text},
      {"size", 4'912'898'304},
      {"digest", "0000000000000000"},
      {"details", json::Value{{"format", "gguf"}, {"family", "llama"}, {"parameter_size", "8B"}, {"quantization_level", "Q4_K_M"}}}};
}

json::Value lmstudio_model(std::string_view id) {
  return json::Value{{"id", id},
                     {"object", "model"},
                     {"type", "llm"},
                     {"publisher", "ajar"},
                     {"arch", "llama"},
                     {"compatibility_type", "gguf"},
                     {"quantization", "Q4_K_M"},
                     {"state", "loaded"},
                     {"max_context_length", context}};
}

template <class Make>
json::Value each(const Script& script, Make make) {
  json::Array all;
  for (const std::string& id : script.models) all.push_back(make(id));
  return json::Value(std::move(all));
}

// GET .../models and .../models/ID in the shape that the path and the headers ask for.
Listing models(const Script& script, const net::RequestHead& head, std::string_view id) {
  const bool gemini = head.path().find("v1beta/models") != std::string_view::npos;
  const bool anthropic = !gemini && !head.find("anthropic-version").empty();
  const auto one = [&](std::string_view name) {
    return gemini ? gemini_model(name) : anthropic ? anthropic_model(name) : openai_model(script, name);
  };
  if (!id.empty()) {
    if (std::ranges::find(script.models, id) != script.models.end()) return good(one(id));
    const Trouble trouble{.status = 404, .message = fmt::format("The model '{}' does not exist", id)};
    return {.status = 404,
            .body = (gemini      ? gemini_speech()
                     : anthropic ? anthropic_speech()
                                 : chat_speech(script.engine))
                        ->error(trouble)};
  }
  if (gemini) return good(json::Value{{"models", each(script, one)}});
  if (anthropic)
    return good(json::Value{
        {"data", each(script, one)}, {"has_more", false}, {"first_id", script.models.front()}, {"last_id", script.models.back()}});
  return good(json::Value{{"object", "list"}, {"data", each(script, one)}});
}

std::optional<Listing> sglang(const Script& script, std::string_view path) {
  const std::string& model = script.models.front();
  if (path == "/get_model_info" || path == "/model_info")
    return good(json::Value{{"model_path", model}, {"tokenizer_path", model}, {"is_generation", true}});
  if (path == "/server_info" || path == "/get_server_info")
    return good(json::Value{{"model_path", model},
                            {"tokenizer_path", model},
                            {"served_model_name", model},
                            {"version", "0.5.6"},
                            {"context_length", context},
                            {"max_total_num_tokens", 400'000}});
  return {};
}

std::optional<Listing> ollama(const Script& script, std::string_view path) {
  if (path == "/") return Listing{.status = 200, .body = "Ollama is running", .type = "text/plain; charset=utf-8"};
  if (path == "/api/version") return good(json::Value{{"version", "0.13.5"}});
  if (path == "/api/ps") return good(json::Value{{"models", each(script, ollama_model)}});
  return {};
}

std::optional<Listing> sign(const Script& script, std::string_view path) {
  const std::string& model = script.models.front();
  switch (script.engine) {
    case Engine::none:
    case Engine::openai:
      break;
    case Engine::vllm:
      if (path == "/version") return good(json::Value{{"version", "0.19.1"}});
      break;
    case Engine::sglang:
      return sglang(script, path);
    case Engine::llamacpp:
      if (path == "/props")
        return good(json::Value{{"default_generation_settings", json::Value{{"n_ctx", context}}},
                                {"total_slots", 4},
                                {"model_path", model},
                                {"is_sleeping", false},
                                {"chat_template", ""},
                                {"modalities", json::Value{{"vision", false}, {"audio", false}}}});
      break;
    case Engine::ollama:
      return ollama(script, path);
    case Engine::lmstudio:
      if (path == "/api/v0/models") return good(json::Value{{"object", "list"}, {"data", each(script, lmstudio_model)}});
      break;
    case Engine::tgi:
      if (path == "/info")
        return good(json::Value{{"model_id", model},
                                {"model_sha", "0000000"},
                                {"docker_label", "sha-0000000"},
                                {"router", "text-generation-router"},
                                {"version", "3.3.6"},
                                {"max_total_tokens", context},
                                {"max_input_tokens", context - 1},
                                {"max_concurrent_requests", 128}});
      break;
  }
  return {};
}

}  // namespace

std::optional<Listing> listing(const Script& script, const net::RequestHead& head) {
  const std::string_view path = head.path();
  if (head.method == "POST" && path == "/api/show")
    return good(json::Value{{"capabilities", json::Value(json::Array{"completion", "tools", "thinking"})},
                            {"details", json::Value{{"family", "llama"}}},
                            {"model_info", json::Value{{"general.architecture", "llama"}, {"llama.context_length", context}}}});
  if (head.method != "GET" && head.method != "HEAD") return {};
  if (auto known = sign(script, path)) return known;
  if (path == "/health")
    return script.engine == Engine::llamacpp ? good(json::Value{{"status", "ok"}})
                                             : Listing{.status = 200, .body = {}, .type = "text/plain"};
  if (path == "/api/tags") return good(json::Value{{"models", each(script, ollama_model)}});
  if (path.starts_with("/api/v0/")) return {};
  if (path.ends_with("/models")) return models(script, head, {});
  constexpr std::string_view mark = "/models/";
  if (const std::size_t at = path.find(mark); at != std::string_view::npos && path.size() > at + mark.size())
    return models(script, head, path.substr(at + mark.size()));
  return {};
}

}  // namespace ajar::sim

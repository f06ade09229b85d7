// cli/discover.cpp - asking places what they are.
#include "cli/discover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"
#include "net/client.hpp"
#include "net/listener.hpp"

namespace ajar::cli {
namespace {

// Usual ports: vLLM, SGLang, llama.cpp (and its second), Ollama, LM Studio, TGI (and in its container).
constexpr std::array<std::uint16_t, 8> usual{8000, 30000, 8080, 8081, 11434, 1234, 3000, 80};
constexpr std::size_t most_answer = 4u << 20;
constexpr std::size_t most_models = 50;

struct Got {
  int status = 0;
  json::Value body;
};

// What one place answers.
class Visit {
 public:
  Visit(net::Pool& pool, const Place& place, Instant by) : pool_(pool), site_{false, place.host, place.port}, by_(by) {}

  net::Task<Got> get(std::string_view path) {
    Got got;
    auto taken = co_await pool_.take(site_, false, by_, nullptr);
    if (!taken) co_return got;
    net::ClientCall call(pool_, site_, std::move(*taken));
    const std::string head =
        fmt::format("GET {} HTTP/1.1\r\nhost: {}:{}\r\naccept: application/json\r\nuser-agent: ajar/" AJAR_VERSION "\r\n\r\n", path,
                    site_.host, site_.port);
    if (auto sent = co_await call.send(head, {}, by_, by_, nullptr); !sent) co_return got;
    got.status = call.head().status;
    const auto body = co_await call.read_all(most_answer, by_, nullptr);
    if (!body) co_return got;
    if (auto value = json::read(*body, {.depth = 64, .refuse_duplicates = false})) got.body = std::move(*value);
    co_return got;
  }

 private:
  net::Pool& pool_;
  net::Site site_;
  Instant by_;
};

// One sign by which an engine is known: a path, and what must stand in its answer. In the order in which they are tried.
struct Sign {
  std::string_view provider, path;
  bool (*holds)(const json::Value&);
};

constexpr std::array<Sign, 9> signs{{
    {"llamacpp", "/props",
     [](const json::Value& v) { return v["default_generation_settings"].is_object() || v["total_slots"].is_number(); }},
    {"sglang", "/server_info", [](const json::Value& v) { return v["model_path"].is_string() || v["tokenizer_path"].is_string(); }},
    {"sglang", "/get_server_info", [](const json::Value& v) { return v["model_path"].is_string() || v["tokenizer_path"].is_string(); }},
    {"sglang", "/get_model_info", [](const json::Value& v) { return v["model_path"].is_string(); }},
    {"ollama", "/api/version", [](const json::Value& v) { return v["version"].is_string(); }},
    {"lmstudio", "/api/v0/models", [](const json::Value& v) { return v["data"].is_array(); }},
    {"tgi", "/info",
     [](const json::Value& v) {
       return v["model_id"].is_string() && (v["docker_label"].is_string() || v["max_total_tokens"].is_number() || v["router"].is_string());
     }},
    {"vllm", "/version", [](const json::Value& v) { return v["version"].is_string(); }},
    {"vllm", "/v1/models", [](const json::Value& v) { return v["data"].at(0)["owned_by"].text() == "vllm"; }},
}};

std::int64_t context_of(const json::Value& model) {
  for (const json::Value* told :
       {&model["max_model_len"], &model["meta"]["n_ctx"], &model["meta"]["n_ctx_train"], &model["max_context_length"]})
    if (const auto tokens = told->integer(); tokens && *tokens > 0) return *tokens;
  return 0;
}

bool is_chat(const json::Value& model) { return model["type"].text() != "embeddings"; }

void take_models(const json::Value& list, config::FoundEngine& engine) {
  const json::Array* models = list["data"].array();
  if (models == nullptr) return;
  for (const json::Value& model : *models) {
    const std::string_view id = model["id"].text();
    if (id.empty() || !is_chat(model) || engine.models.size() == most_models) continue;
    engine.models.emplace_back(id);
    const std::int64_t context = context_of(model);
    // One number stands for all: the smallest is safe for each.
    if (context != 0) engine.context = engine.context == 0 ? context : std::min(engine.context, context);
  }
}

net::Task<void> visit(net::Pool& pool, Place place, Instant by, Discovery& into, std::size_t& left) {
  Visit asked(pool, place, by);
  config::FoundEngine engine{.provider = {}, .endpoint = fmt::format("http://{}:{}", place.host, place.port), .models = {}, .context = 0};
  for (const Sign& sign : signs) {
    const Got got = co_await asked.get(sign.path);
    if (got.status == 0) break;  // nobody there, or nobody that speaks HTTP
    if (got.status != 200 || !sign.holds(got.body)) continue;
    engine.provider = sign.provider;
    if (sign.provider == "llamacpp") engine.context = got.body["default_generation_settings"]["n_ctx"].integer().value_or(0);
    break;
  }
  if (!engine.provider.empty()) {
    const std::int64_t told = engine.context;
    const Got models = co_await asked.get(engine.provider == "lmstudio" ? "/api/v0/models" : "/v1/models");
    take_models(models.body, engine);
    if (told != 0) engine.context = told;
    if (!engine.models.empty())
      into.engines.push_back(std::move(engine));
    else if (models.status == 401 || models.status == 403)
      into.remarks.push_back(
          fmt::format("{} at {} asks for a key: give it in a configuration file (key = \"env:...\")", engine.provider, engine.endpoint));
    else
      into.remarks.push_back(fmt::format("{} at {} serves no model yet", engine.provider, engine.endpoint));
  }
  if (--left == 0) pool.loop().stop();
}

}  // namespace

Result<std::vector<Place>> places_to_look(std::string_view engines) {
  std::vector<Place> places;
  for (const std::uint16_t port : usual) places.push_back({"127.0.0.1", port});
  for (const std::string_view piece : split(engines, ',')) {
    const std::string_view text = trim(piece);
    if (text.empty()) continue;
    auto address = net::split_address(text);
    if (!address) return fail(Fault::config, fmt::format("AJAR_ENGINES: {}", address.error().message));
    const bool known = std::ranges::any_of(places, [&](const Place& p) { return p.host == address->first && p.port == address->second; });
    if (!known) places.push_back({std::move(address->first), address->second});
  }
  return places;
}

Discovery discover(const std::vector<Place>& places, const Clock& clock, Millis patience) {
  Discovery found;
  if (places.empty()) return found;
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  net::Pool pool(loop, resolver, nullptr);
  std::size_t left = places.size();
  for (const Place& place : places) loop.spawn(visit(pool, place, clock.now() + patience, found, left));
  loop.run();
  pool.drop_idle();
  std::ranges::sort(found.engines, {}, [](const config::FoundEngine& e) { return std::pair(e.provider, e.endpoint); });
  return found;
}

}  // namespace ajar::cli

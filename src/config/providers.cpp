// config/providers.cpp - the table of providers, and addresses.
#include "config/providers.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace ajar::config {
namespace {

using catalog::Auth;
using catalog::Hosting;

constexpr std::array<Provider, 15> table{{
    {"openai", "https://api.openai.com", {"OPENAI_API_KEY"}, Auth::bearer, Hosting::closed},
    {"anthropic", "https://api.anthropic.com", {"ANTHROPIC_API_KEY"}, Auth::x_api_key, Hosting::closed},
    {"google", "https://generativelanguage.googleapis.com", {"GEMINI_API_KEY", "GOOGLE_API_KEY"}, Auth::x_goog_api_key, Hosting::closed},
    {"deepseek", "https://api.deepseek.com", {"DEEPSEEK_API_KEY"}, Auth::bearer, Hosting::hosted},
    {"moonshot", "https://api.moonshot.ai", {"MOONSHOT_API_KEY"}, Auth::bearer, Hosting::hosted},
    {"alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode", {"DASHSCOPE_API_KEY"}, Auth::bearer, Hosting::hosted},
    {"openrouter", "https://openrouter.ai/api", {"OPENROUTER_API_KEY"}, Auth::bearer, Hosting::hosted},
    {"vllm", "", {}, Auth::bearer, Hosting::own},
    {"sglang", "", {}, Auth::bearer, Hosting::own},
    {"llamacpp", "", {}, Auth::bearer, Hosting::own},
    {"ollama", "", {}, Auth::bearer, Hosting::own},
    {"tgi", "", {}, Auth::bearer, Hosting::own},
    {"lmstudio", "", {}, Auth::bearer, Hosting::own},
    {"compatible", "", {}, Auth::bearer, Hosting::hosted},
    {"sim", "", {}, Auth::none, Hosting::own},
}};

}  // namespace

const Provider* provider_named(std::string_view name) noexcept {
  for (const Provider& row : table)
    if (row.name == name) return &row;
  return nullptr;
}

std::span<const Provider> providers() noexcept { return table; }

Result<catalog::Endpoint> parse_endpoint(std::string_view url) {
  catalog::Endpoint endpoint;
  const auto bad = [&](std::string_view why) {
    return fail(Fault::config, fmt::format("\"{}\" is not an address: {}", url.find('@') == std::string_view::npos ? url : "...", why));
  };
  std::string_view rest = url;
  if (rest.starts_with("https://"))
    endpoint.tls = true, rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else
    return bad("it must begin with http:// or https://");
  const std::size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash), path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  if (authority.find('@') != std::string_view::npos) return bad("it must hold no user name or key; use key = \"env:NAME\"");
  if (path.find_first_of("?#") != std::string_view::npos) return bad("it must hold no query");
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
      return bad("it holds a blank or a letter that must be escaped");
  endpoint.port = endpoint.tls ? 443 : 80;
  const std::size_t bracket = authority.find(']');
  if (authority.starts_with('[') && bracket == std::string_view::npos) return bad("the bracket is not closed");
  if (bracket != std::string_view::npos && bracket + 1 < authority.size() && authority[bracket + 1] != ':')
    return bad("a port, or nothing, follows the bracket");
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const auto port = to_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return bad("the port must be a number from 1 to 65535");
    endpoint.port = static_cast<std::uint16_t>(*port);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[')) authority = authority.substr(1, bracket - 1);
  if (authority.empty()) return bad("the host is missing");
  endpoint.host = authority;
  while (path.ends_with('/')) path.remove_suffix(1);
  for (const std::string_view whole :
       {"/chat/completions", "/completions", "/messages", "/responses", "/api/chat", ":generateContent", ":streamGenerateContent"})
    if (path.ends_with(whole)) return bad(fmt::format("\"{}\" belongs to the API and is added by itself; leave it out", whole));
  for (const std::string_view version : {"/v1beta", "/v1"})
    if (path.ends_with(version)) {
      path.remove_suffix(version.size());
      break;
    }
  endpoint.base_path = path;
  return endpoint;
}

bool is_this_machine(std::string_view host) noexcept {
  return iequal(host, "localhost") || host == "::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace ajar::config

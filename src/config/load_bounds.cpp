// config/load_bounds.cpp - the sections that there is one of: address, limits, deadlines, retries, labels.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/text.hpp"
#include "config/loader.hpp"

namespace ajar::config {
namespace {

constexpr std::size_t most_own_labels = 16;

bool is_readable(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && std::ifstream(path).good();
}

}  // namespace

void Loader::bounds(const Node& document) {
  if (const auto r = section(document, "listen")) listen(*r);
  if (const auto r = section(document, "limits"))
    s_.limits = {r->bytes("head"), r->bytes("body"), static_cast<std::size_t>(r->integer("connections"))};
  if (const auto r = section(document, "deadlines")) {
    deadlines_at_ = r->place();
    s_.deadlines = {r->duration("head"),       r->duration("body"), r->duration("connect"),
                    r->duration("first_byte"), r->duration("idle"), r->duration("total")};
  }
  if (const auto r = section(document, "retries")) {
    retries_at_ = r->place();
    s_.retries = {static_cast<int>(r->integer("per_deployment")), static_cast<int>(r->integer("total")), r->duration("backoff"),
                  r->duration("longest")};
  }
  if (const auto r = section(document, "labels")) own_labels(*r);
  if (const auto r = section(document, "detection")) detection(*r);
}

void Loader::detection(const Reader& r) {
  s_.ruleset.detection = {r.boolean("on"), labels(r, "refuse"), labels(r, "pseudonymise"), r.strings("trusted_tools")};
  static const std::vector<std::string> words{"pii", "phi", "pci", "secret"};
  for (const Reader::Item& item : r.items("pseudonymise"))
    if (std::ranges::find(words, item.text) == words.end())
      r.report().problem(item.place, fmt::format("\"{}\" cannot be replaced by tokens", item.text), "there are: pii, phi, pci, secret");
}

void Loader::listen(const Reader& r) {
  listen_at_ = r.place("address");
  s_.listen.tls_certificate = path_of(r.string("tls_certificate"));
  s_.listen.tls_key = path_of(r.string("tls_key"));
  if (r.has("tls_certificate") != r.has("tls_key"))
    r.problem(r.has("tls_key") ? "tls_key" : "tls_certificate", "TLS needs both a certificate and a key",
              "write tls_certificate and tls_key");
  for (const std::string_view key : {"tls_certificate", "tls_key"})
    if (const std::string path = path_of(r.string(key)); r.has(key) && !is_readable(path))
      r.problem(key, fmt::format("the file {} cannot be read", path), "give the path of a PEM file that this user may read");
  const std::string address = r.string("address");
  const std::size_t colon = address.rfind(':');
  const auto port = to_int(colon == std::string::npos ? std::string_view(address) : std::string_view(address).substr(colon + 1));
  std::string host = colon == std::string::npos ? "127.0.0.1" : address.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool good_host =
      !host.empty() && host.find_first_of("[] /") == std::string::npos && (bracketed || host.find(':') == std::string::npos);
  if (!port || *port < 0 || *port > 65535 || !good_host)
    return r.problem(
        "address", fmt::format("\"{}\" is not ADDRESS:PORT", address),
        "write for instance \"127.0.0.1:8080\", \"[::1]:8080\" or, for every network, \"0.0.0.0:8080\"; ports go from 0 to 65535");
  s_.listen.address = host;
  s_.listen.port = static_cast<std::uint16_t>(*port);
}

void Loader::own_labels(const Reader& r) {
  for (const auto& [word, at] : r.items("defined")) {
    const bool good =
        !word.empty() && word.size() <= 64 && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
    if (!good)
      report_.problem(at, fmt::format("\"{}\" cannot be a label", word.substr(0, 64)), "write small letters, digits, - and _");
    else if (word == "all" || word == "top" || policy::label_named(word, {}))
      report_.problem(at, fmt::format("the label \"{}\" is built in", word), "leave it out: it exists already");
    else if (std::ranges::find(s_.ruleset.defined, word) != s_.ruleset.defined.end())
      report_.problem(at, fmt::format("the label \"{}\" stands twice", word), "leave it out here");
    else if (s_.ruleset.defined.size() == most_own_labels)
      report_.problem(at, fmt::format("there are more than {} labels of your own", most_own_labels), "keep those that matter");
    else
      s_.ruleset.defined.push_back(word);
  }
}

}  // namespace ajar::config

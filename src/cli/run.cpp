// cli/run.cpp - telling failures and addresses.
#include "cli/run.hpp"

#include <fmt/format.h>

#include "config/load.hpp"

namespace ajar::cli {

int complain(const Error& error) {
  fmt::print(stderr, "ajar: {}\n", error.message);
  if (!error.detail.empty()) fmt::print(stderr, "    {}\n", error.detail);
  const bool usage = error.fault == Fault::config || error.fault == Fault::bad_request || error.fault == Fault::not_found;
  return usage ? 2 : 1;
}

std::string all_of(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const config::Problem& problem : problems) text += config::text_of(problem) + "\n";
  return text;
}

std::string base_url(const config::Snapshot& snapshot, std::string_view address) {
  std::string shown(address);
  for (const std::string_view everywhere : {"0.0.0.0:", "[::]:"})
    if (shown.starts_with(everywhere)) shown = "127.0.0.1:" + shown.substr(everywhere.size());
  return fmt::format("{}://{}/v1", snapshot.listen.tls_certificate.empty() ? "http" : "https", shown);
}

}  // namespace ajar::cli

// cli/run.hpp - small things that the verbs share: telling a failure, and the address that callers use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/snapshot.hpp"
#include "config/toml.hpp"

namespace ajar::cli {

// Prints the error for people on standard error; gives the exit code: 2 for configuration and usage, 1 for the rest.
int complain(const Error&);

// Each problem with its place and remedy, a line end behind each.
std::string all_of(const std::vector<config::Problem>&);

// "http://127.0.0.1:8080/v1": an address that listens everywhere is shown as this machine's.
std::string base_url(const config::Snapshot&, std::string_view address);

}  // namespace ajar::cli

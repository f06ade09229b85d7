// cli/dictionary.cpp - `ajar dictionary`: values of one's own to a file of hashes.
#include <fmt/format.h>

#include "base/hash.hpp"
#include "cli/home.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "policy/dictionary.hpp"

namespace ajar::cli {

int dictionary(const DictionaryOptions& o) {
  const auto values = read_input(o.values);
  if (!values) return complain(values.error());
  policy::Dictionary::Key key{};
  fill_random(key);
  const auto bytes = policy::Dictionary::build(*values, key);
  if (!bytes) {
    Error error = bytes.error();
    error.message = fmt::format("{}: {}", input_name(o.values), error.message.str());
    return complain(error);
  }
  if (auto written = write_private(o.out, *bytes); !written) return complain(written.error());
  fmt::print("{}: {} values, {} bytes\n", o.out, policy::Dictionary::read(*bytes)->size(), bytes->size());
  return 0;
}

}  // namespace ajar::cli

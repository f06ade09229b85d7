// audit/checkpoint.hpp - Checkpoint: size and root of a log, signed as c2sp.org's signed notes and tlog-checkpoints are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/sign.hpp"

namespace ajar::audit {

struct Checkpoint {
  std::string origin;  // the log's name
  std::uint64_t size = 0;
  Digest root{};
};

// "NAME+HASH+KEY", as a verifier is given it (signed-note's vkey).
std::string verifier_of(std::string_view name, const VerifyingKey&);
struct Verifier {
  std::string name;
  VerifyingKey key{};
};
Result<Verifier> verifier_named(std::string_view text);  // faults: bad_request

std::string signed_note(const Checkpoint&, const SigningKey&);
// The checkpoint when one of its signatures is this verifier's. Faults: bad_request, saying what is wrong.
Result<Checkpoint> checkpoint_of(std::string_view note, const Verifier&);

}  // namespace ajar::audit

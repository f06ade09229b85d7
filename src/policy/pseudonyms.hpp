// policy/pseudonyms.hpp - Pseudonyms: tokens that stand for what was found while a request is away from home.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "policy/label.hpp"
#include "wire/restore_sink.hpp"

namespace ajar::policy {

// A body in which tokens stand for values.
struct Replaced {
  std::string body;
  wire::Restore restore;  // the tokens of this body alone
  std::string kinds;      // of what was replaced, for people: "EMAIL,PERSON"
};

// Tokens are random, never derived from what they stand for, and the same for a value throughout a conversation, which is known by its
// first message: a provider's prompt cache stays warm. Kept in memory alone, for the `most` conversations used last. For all threads.
class Pseudonyms {
 public:
  explicit Pseudonyms(std::size_t most = 4096);
  Pseudonyms(const Pseudonyms&) = delete;

  // Replaces what raises only labels of `may`, and names and the like beside it, in every string of a JSON body and in JSON in strings;
  // other places where the same value stands too. Secrets and card security codes are taken out for good. Nothing when there is nothing to
  // replace, or something that cannot be (a disease). Whoever asks looks at the result again before believing it.
  std::optional<Replaced> replace(std::string_view tenant, std::string_view body, Label may);

 private:
  using Tokens = std::map<std::string, std::string>;  // by value
  struct Conversation {
    Digest name{};
    Tokens tokens;
  };
  using Order = std::list<Conversation>;  // the last used first
  Conversation& conversation(const Digest&);
  std::optional<Tokens> tokens_for(const Digest& name, const std::map<std::string, std::string_view>& kinds, std::string_view body);

  std::size_t most_;
  Digest key_{};
  std::mutex mutex_;
  Order order_;
  std::map<Digest, Order::iterator> by_name_;
};

}  // namespace ajar::policy

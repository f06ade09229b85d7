// policy/taint.hpp - Taint: labels that callers gave to a conversation, kept for its later turns, which may not say them again.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.hpp"
#include "policy/label.hpp"

namespace ajar::policy {

using Fingerprint = std::array<std::uint8_t, 16>;

// By keyed hashes of what a conversation began with: no session id is asked for, nothing of the texts is kept, and it does not expire. For
// all threads. About 60 bytes a fingerprint.
class Taint {
 public:
  // Told of each new fingerprint, under a lock: for a file. `key`: 32 random bytes that stay the same with the file.
  using Tell = std::function<void(const Fingerprint&, Label)>;
  explicit Taint(const Digest& key, Tell tell = {}) : key_(key), tell_(std::move(tell)) {}

  // What an earlier turn of this tenant's conversation, or one of its longer messages, was labelled with.
  Label of(std::string_view tenant, std::string_view body) const;
  // From now on all that goes on from here has this label as well.
  void keep(std::string_view tenant, std::string_view body, Label);
  void load(const Fingerprint&, Label);  // from the file
  std::size_t size() const;

 private:
  struct Hash {
    std::size_t operator()(const Fingerprint& f) const noexcept;
  };
  struct Marks {
    std::vector<Fingerprint> prefixes, messages;  // after each message; of longer messages alone
  };
  Marks marks_of(std::string_view tenant, std::string_view body) const;
  Fingerprint mark(std::string_view kind, std::string_view before, std::string_view text) const;
  void add(const Fingerprint&, Label);

  Digest key_;
  Tell tell_;
  mutable std::mutex mutex_;
  std::unordered_map<Fingerprint, Label, Hash> labels_;
};

}  // namespace ajar::policy

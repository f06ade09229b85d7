// policy/taint.cpp - a chain of hashes over the messages that are not the model's own.
#include "policy/taint.hpp"

#include <cstring>

#include "base/json.hpp"
#include "policy/nested.hpp"

namespace ajar::policy {
namespace {

constexpr std::size_t least_message = 64;  // bytes: shorter ones are said in many conversations

template <std::size_t N>
std::string text_of(const std::array<std::uint8_t, N>& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

}  // namespace

std::size_t Taint::Hash::operator()(const Fingerprint& f) const noexcept {
  std::size_t first = 0;
  std::memcpy(&first, f.data(), sizeof first);
  return first;
}

Fingerprint Taint::mark(std::string_view kind, std::string_view before, std::string_view text) const {
  const Digest digest = sha256(text_of(key_).append(kind).append(1, '\n').append(before).append(1, '\n').append(text));
  Fingerprint f{};
  std::copy_n(digest.begin(), f.size(), f.begin());
  return f;
}

Taint::Marks Taint::marks_of(std::string_view tenant, std::string_view body) const {
  Marks marks;
  const auto value = json::read(body);
  if (!value) return marks;
  std::string before(tenant);
  // What the model said comes back in other words of JSON from each client; what was said to it does not.
  for (const json::Value* message : messages_to_model(*value)) {
    const std::string text = json::write(*message);
    marks.prefixes.push_back(mark("prefix", before, text));
    before = text_of(marks.prefixes.back());
    if (text.size() >= least_message) marks.messages.push_back(mark("message", tenant, text));
  }
  return marks;
}

Label Taint::of(std::string_view tenant, std::string_view body) const {
  if (size() == 0) return public_label;
  Marks marks = marks_of(tenant, body);
  // The whole of a request is no beginning that it goes on from: "Hello." by itself is said in many conversations.
  if (!marks.prefixes.empty()) marks.prefixes.pop_back();
  Label label;
  const std::lock_guard lock(mutex_);
  for (const auto* list : {&marks.prefixes, &marks.messages})
    for (const Fingerprint& f : *list)
      if (const auto found = labels_.find(f); found != labels_.end()) label = label | found->second;
  return label;
}

void Taint::keep(std::string_view tenant, std::string_view body, Label label) {
  if (label == public_label) return;
  const Marks marks = marks_of(tenant, body);
  if (!marks.prefixes.empty()) add(marks.prefixes.back(), label);
  for (const Fingerprint& f : marks.messages) add(f, label);
}

void Taint::add(const Fingerprint& f, Label label) {
  const std::lock_guard lock(mutex_);
  Label& kept = labels_[f];
  if (kept.covers(label)) return;
  kept = kept | label;
  if (tell_) tell_(f, kept);
}

void Taint::load(const Fingerprint& f, Label label) {
  const std::lock_guard lock(mutex_);
  labels_[f] = labels_[f] | label;
}

std::size_t Taint::size() const {
  const std::lock_guard lock(mutex_);
  return labels_.size();
}

}  // namespace ajar::policy

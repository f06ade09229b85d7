// audit/checkpoint.cpp - c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
#include "audit/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace ajar::audit {
namespace {

constexpr std::string_view mark = "\xE2\x80\x94 ";  // an em dash begins a signature's line
constexpr char ed25519 = 1;

std::string bytes_of(const auto& digest) {
  std::string out;
  for (const std::uint8_t byte : digest) out.push_back(static_cast<char>(byte));
  return out;
}

// What stands before a signature: four bytes of the hash of name and key.
std::string key_id(std::string_view name, const VerifyingKey& key) {
  return bytes_of(sha256(std::string(name).append("\n").append(1, ed25519).append(bytes_of(key)))).substr(0, 4);
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string body_of(const Checkpoint& c) { return fmt::format("{}\n{}\n{}\n", c.origin, c.size, to_base64(bytes_of(c.root))); }

std::unexpected<Error> wrong(std::string message) { return fail(Fault::bad_request, std::move(message)); }

}  // namespace

std::string verifier_of(std::string_view name, const VerifyingKey& key) {
  return fmt::format("{}+{}+{}", name, hex_of(key_id(name, key)), to_base64(std::string(1, ed25519) + bytes_of(key)));
}

Result<Verifier> verifier_named(std::string_view text) {
  const auto parts = split(trim(text), '+');
  // The key itself may hold a plus.
  const std::size_t first = text.find('+'), second = text.find('+', first == std::string_view::npos ? first : first + 1);
  if (parts.size() < 3 || second == std::string_view::npos)
    return wrong("a verifier is NAME+HASH+KEY, as the file \"verifier\" of an audit log holds it");
  const auto bytes = from_base64(trim(text.substr(second + 1)));
  if (!bytes || bytes->size() != 33 || bytes->front() != ed25519) return wrong("the verifier's key is no Ed25519 key in base64");
  Verifier v{std::string(text.substr(0, first)), {}};
  std::copy(bytes->begin() + 1, bytes->end(), v.key.begin());
  if (hex_of(key_id(v.name, v.key)) != text.substr(first + 1, second - first - 1))
    return wrong("the verifier's hash does not fit its name and key");
  return v;
}

std::string signed_note(const Checkpoint& c, const SigningKey& key) {
  const std::string body = body_of(c);
  return fmt::format("{}\n{}{} {}\n", body, mark, c.origin, to_base64(key_id(c.origin, verifying_key(key)) + bytes_of(sign(key, body))));
}

Result<Checkpoint> checkpoint_of(std::string_view note, const Verifier& verifier) {
  const std::size_t end = note.find("\n\n");
  if (end == std::string_view::npos) return wrong("the checkpoint has no signature");
  const std::string_view body = note.substr(0, end + 1);
  const auto lines = split(body.substr(0, end), '\n');
  if (lines.size() < 3) return wrong("the checkpoint does not hold name, size and root");
  const auto size = to_int(lines[1]);
  const auto root = from_base64(lines[2]);
  if (!size || *size < 0 || !root || root->size() != 32) return wrong("the checkpoint's size or root cannot be read");
  bool good = false;
  for (const std::string_view line : split(note.substr(end + 2), '\n')) {
    if (!line.starts_with(mark)) continue;
    const std::size_t blank = line.rfind(' ');
    if (line.substr(mark.size(), blank - mark.size()) != verifier.name) continue;
    const auto bytes = from_base64(line.substr(blank + 1));
    if (!bytes || bytes->size() != 68 || bytes->substr(0, 4) != key_id(verifier.name, verifier.key)) continue;
    Signature signature{};
    std::copy(bytes->begin() + 4, bytes->end(), signature.begin());
    good = good || is_signed_by(verifier.key, body, signature);
  }
  if (!good) return wrong("the checkpoint is not signed by this verifier's key");
  Checkpoint c{std::string(lines[0]), static_cast<std::uint64_t>(*size), {}};
  std::copy(root->begin(), root->end(), c.root.begin());
  return c;
}

}  // namespace ajar::audit

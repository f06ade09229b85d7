// base/sign.cpp - signatures over OpenSSL.
#include "base/sign.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace ajar {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* k) { EVP_PKEY_free(k); })>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* c) { EVP_MD_CTX_free(c); })>;

Key secret_of(const SigningKey& key) {
  Key made(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  if (!made) std::abort();
  return made;
}

std::basic_string<unsigned char> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

VerifyingKey verifying_key(const SigningKey& key) {
  VerifyingKey out{};
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(secret_of(key).get(), out.data(), &size) != 1 || size != out.size()) std::abort();
  return out;
}

Signature sign(const SigningKey& key, std::string_view message) {
  const Key secret = secret_of(key);
  const Context context(EVP_MD_CTX_new());
  const auto bytes = bytes_of(message);
  Signature out{};
  std::size_t size = out.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret.get()) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, bytes.data(), bytes.size()) != 1 || size != out.size())
    std::abort();
  return out;
}

bool is_signed_by(const VerifyingKey& key, std::string_view message, const Signature& signature) noexcept {
  const Key known(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  const auto bytes = bytes_of(message);
  return known && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, known.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) == 1;
}

}  // namespace ajar

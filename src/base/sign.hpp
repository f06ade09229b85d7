// base/sign.hpp - Ed25519 signatures (RFC 8032).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ajar {

using SigningKey = std::array<std::uint8_t, 32>;  // secret
using VerifyingKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

VerifyingKey verifying_key(const SigningKey&);
Signature sign(const SigningKey&, std::string_view message);
bool is_signed_by(const VerifyingKey&, std::string_view message, const Signature&) noexcept;

}  // namespace ajar

// tests/net/certificates.hpp - an authority and certificates signed by it, made for a test in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace ajar::net {

class Certificates {
 public:
  Certificates() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("ajar-certificates-" + std::to_string(::getpid()) + "-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    std::filesystem::create_directories(folder_);
    ca_key_ = Key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    ca_ = certificate("Test Authority", ca_key_.get(), nullptr, "critical,CA:TRUE", "");
    write(ca_.get(), nullptr, "ca");
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  Certificates(const Certificates&) = delete;

  std::string ca() const { return (folder_ / "ca.pem").string(); }
  // Writes NAME.pem and NAME.key for these names, e.g. "DNS:localhost,IP:127.0.0.1".
  std::pair<std::string, std::string> make(const std::string& name, const std::string& names) {
    const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const auto made = certificate(name, key.get(), ca_.get(), "critical,CA:FALSE", names);
    write(made.get(), key.get(), name);
    return {(folder_ / (name + ".pem")).string(), (folder_ / (name + ".key")).string()};
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  Certificate certificate(const std::string& name, EVP_PKEY* key, X509* issuer, const char* basic, const std::string& names) {
    Certificate made(X509_new(), X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer != nullptr ? issuer : made.get()));
    X509_set_pubkey(made.get(), key);
    extend(made.get(), issuer, NID_basic_constraints, basic);
    if (!names.empty()) extend(made.get(), issuer, NID_subject_alt_name, names);
    EXPECT_NE(X509_sign(made.get(), ca_key_.get(), EVP_sha256()), 0);
    return made;
  }
  static void extend(X509* to, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer != nullptr ? issuer : to, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    ASSERT_NE(extension, nullptr);
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
  }
  void write(X509* certificate, EVP_PKEY* key, const std::string& name) {
    const auto to = [&](const char* ending) {
      return std::unique_ptr<std::FILE, decltype(&std::fclose)>(std::fopen((folder_ / (name + ending)).c_str(), "w"), std::fclose);
    };
    PEM_write_X509(to(".pem").get(), certificate);
    if (key != nullptr) PEM_write_PrivateKey(to(".key").get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  }

  std::filesystem::path folder_;
  Key ca_key_{nullptr, EVP_PKEY_free};
  Certificate ca_{nullptr, X509_free};
  long serial_ = 0;
};

}  // namespace ajar::net

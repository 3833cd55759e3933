// For tests only: certificates made when they are needed, and a directory to put them in, so that
// no key is ever part of the repository.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/clock.h"

namespace yata::io {

// A directory that goes with this object.
class TestDirectory {
 public:
  TestDirectory() {
    path_ = (std::filesystem::temp_directory_path() / "yata-test-XXXXXX").string();
    CHECK(mkdtemp(path_.data()) != nullptr);
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }

  // Returns the file's path.
  std::string write(const std::string& name, const std::string& content) const {
    std::string file = path_ + "/" + name;
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  std::string path_;
};

class TestCertificate {
 public:
  enum class Key : std::uint8_t { P256, Rsa2048 };

  struct Spec {
    std::string common_name = "test";
    std::string names;  // subjectAltName as OpenSSL writes it: "DNS:a.example,IP:127.0.0.1"
    Key key = Key::P256;
    bool authority = false;
    WallTime now{};  // the time it is valid around
    std::chrono::days starts{-1};
    std::chrono::days ends{365};
  };

  // Signed by `issuer`, or by itself.
  explicit TestCertificate(const Spec& spec, const TestCertificate* issuer = nullptr)
      : key_(spec.key == Key::P256 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                   : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})),
        certificate_(X509_new()) {
    X509* raw = certificate_.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), 1000 + serial_++);
    set_time(X509_getm_notBefore(raw), spec.now + spec.starts);
    set_time(X509_getm_notAfter(raw), spec.now + spec.ends);
    X509_set_pubkey(raw, key_.get());
    X509_NAME* subject = X509_get_subject_name(raw);
    const auto* name = reinterpret_cast<const unsigned char*>(spec.common_name.c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0);
    const TestCertificate& signer = issuer == nullptr ? *this : *issuer;
    X509_set_issuer_name(raw, X509_get_subject_name(signer.certificate_.get()));
    add(NID_basic_constraints, spec.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!spec.names.empty()) add(NID_subject_alt_name, spec.names);
    CHECK(X509_sign(raw, signer.key_.get(), EVP_sha256()) > 0);
  }

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  std::string certificate_pem() const {
    const Memory memory(BIO_new(BIO_s_mem()));
    CHECK(PEM_write_bio_X509(memory.get(), certificate_.get()) == 1);
    return text(memory.get());
  }

  // With a password when one is given.
  std::string key_pem(const std::string& password = "") const {
    const Memory memory(BIO_new(BIO_s_mem()));
    const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
    const auto size = static_cast<int>(password.size());
    CHECK(PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), cipher, password.data(), size,
                                        nullptr, nullptr) == 1);
    return text(memory.get());
  }

 private:
  template <auto free>
  struct Free {
    template <typename T>
    void operator()(T* object) const {
      free(object);
    }
  };
  using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;

  static void set_time(ASN1_TIME* time, WallTime at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
    CHECK(ASN1_TIME_set(time, seconds.count()) != nullptr);
  }

  static std::string text(BIO* memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }

  void add(int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    CHECK(extension != nullptr, value);
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  static inline long serial_ = 0;  // NOLINT(readability-identifier-naming): a member.

  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key_;
  std::unique_ptr<X509, Free<X509_free>> certificate_;
};

}  // namespace yata::io

// net/tls.hpp - TLS on both sides: verified clients with SNI and session reuse, and servers from certificate files.
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "net/transport.hpp"

namespace ajar::net {

// Makes client connections of one process. Thread-safe; sessions are remembered per host.
class TlsClient {
 public:
  // The system's trust store (SSL_CERT_FILE and SSL_CERT_DIR are honoured), and `extra_ca` when not "". Faults: config.
  static Result<std::unique_ptr<TlsClient>> make(const std::string& extra_ca = {});
  virtual ~TlsClient() = default;
  // Shakes hands over a connected descriptor (taken over). Faults: upstream_unavailable (certificate not valid for the host, ...),
  // timed_out, cancelled.
  virtual Task<Result<std::unique_ptr<Transport>>> connect(Loop&, int fd, const std::string& host, Instant deadline, Source* watch) = 0;
};

class TlsServer {
 public:
  static Result<std::unique_ptr<TlsServer>> make(const std::string& certificate_file, const std::string& key_file);  // faults: config
  virtual ~TlsServer() = default;
  virtual Task<Result<std::unique_ptr<Transport>>> accept(Loop&, int fd, Instant deadline) = 0;
};

}  // namespace ajar::net

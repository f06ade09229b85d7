// net/tls.cpp - OpenSSL behind the transport interface.
#include "net/tls.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>

namespace ajar::net {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
struct FreeSession {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Ssl = std::unique_ptr<SSL, FreeSsl>;
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown TLS error";
}

struct OwnedSource {
  Source owned;
};

constexpr std::size_t most_record = 16384;

class Tls final : OwnedSource, public Transport {
 public:
  Tls(Loop& loop, int fd, Ssl ssl) : OwnedSource{{loop, fd}}, Transport(OwnedSource::owned), ssl_(std::move(ssl)) {}
  ~Tls() override {
    if (clean_) SSL_shutdown(ssl_.get());  // tries to say goodbye; the answer is not waited for
    ERR_clear_error();
  }

  Io try_read(std::span<char> into) noexcept override {
    std::size_t got = 0;
    ERR_clear_error();  // what an earlier call on this thread left would be taken for this one's
    const Io io = done(SSL_read_ex(ssl_.get(), into.data(), into.size(), &got), got);
    starved_ = io.state == Io::State::wait_read;
    return io;
  }

  Io try_write(std::span<const iovec> pieces) noexcept override {
    // Pieces are joined into full records: a record per piece costs a system call and a tag each.
    std::array<char, most_record> joined;
    std::size_t total = 0, skip = 0;  // written; taken from the first piece that is left
    while (true) {
      std::size_t size = 0;
      for (std::size_t i = 0, from = skip; i < pieces.size() && size < joined.size(); ++i, from = 0) {
        const std::size_t take = std::min(pieces[i].iov_len - from, joined.size() - size);
        if (take != 0) std::memcpy(joined.data() + size, static_cast<const char*>(pieces[i].iov_base) + from, take);
        size += take;
      }
      if (size == 0) return {Io::State::done, total};
      std::size_t written = 0;
      ERR_clear_error();
      const Io io = done(SSL_write_ex(ssl_.get(), joined.data(), size, &written), written);
      // After a full socket the same bytes must be offered again: they are, for what is left begins with them.
      if (io.state != Io::State::done) return total == 0 ? io : Io{Io::State::done, total};
      total += written;
      for (skip += written; !pieces.empty() && skip >= pieces.front().iov_len; pieces = pieces.subspan(1)) skip -= pieces.front().iov_len;
    }
  }

  // Part of a record is no reason to read: the rest of it has to come first.
  bool buffered() const noexcept override { return !starved_ && SSL_has_pending(ssl_.get()) == 1; }
  Io handshake() noexcept {
    ERR_clear_error();
    return done(SSL_do_handshake(ssl_.get()), 0);
  }
  SSL* ssl() noexcept { return ssl_.get(); }

 private:
  Io done(int result, std::size_t bytes) noexcept {
    if (result == 1) {
      clean_ = true;
      return {Io::State::done, bytes};
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        source().readable = source().hung_up();
        return {Io::State::wait_read, 0};
      case SSL_ERROR_WANT_WRITE:
        source().writable = false;
        return {Io::State::wait_write, 0};
      case SSL_ERROR_ZERO_RETURN:
        return {Io::State::closed, 0};
      default:
        clean_ = false;
        return {Io::State::broken, 0};
    }
  }

  Ssl ssl_;
  bool clean_ = false;
  bool starved_ = false;  // the last read found no whole record
};

Task<Status> shake(Tls& tls, Instant deadline, Source* watch) {
  while (true) {
    const Io io = tls.handshake();
    if (io.state == Io::State::done) co_return ok();
    if (io.state == Io::State::closed || io.state == Io::State::broken) {
      const long verified = SSL_get_verify_result(tls.ssl());
      const std::string why = verified == X509_V_OK ? last_error() : X509_verify_cert_error_string(verified);
      co_return fail(Fault::upstream_unavailable, fmt::format("the TLS handshake failed: {}", why), "tls");
    }
    const Wake wake = io.state == Io::State::wait_read ? co_await tls.source().wait_readable(deadline, watch)
                                                       : co_await tls.source().wait_writable(deadline, watch);
    if (wake == Wake::timed_out) co_return fail(Fault::timed_out, "the TLS handshake took too long", "connect_timeout");
    if (wake != Wake::ready) co_return fail(Fault::cancelled, wake == Wake::gone ? "the caller went away" : "the gateway is shutting down");
  }
}

Context make_context(const SSL_METHOD* method) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL; a peer that hangs up must not end the process
  Context context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

void no_delay(int fd) {
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

class Client final : public TlsClient {
 public:
  explicit Client(Context context) : context_(std::move(context)) {
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_ex_data(context_.get(), 0, this);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION* session) {
      auto* self = static_cast<Client*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0));
      const char* host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
      if (self == nullptr || host == nullptr) return 0;
      std::lock_guard lock(self->mutex_);
      self->sessions_[host] = Session(session);
      return 1;  // the reference is ours now
    });
  }

  Task<Result<std::unique_ptr<Transport>>> connect(Loop& loop, int fd, const std::string& host, Instant deadline, Source* watch) override {
    no_delay(fd);
    Ssl ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd);  // not closed with it
    SSL_set_connect_state(ssl.get());
    // The certificate must be for this host. An address is no server name, so it is not sent as one.
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1;
    if (!address &&
        (host.empty() || SSL_set1_host(ssl.get(), host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl.get(), host.c_str()) != 1)) {
      ::close(fd);
      co_return fail(Fault::upstream_unavailable, "the upstream's host name cannot be verified", "tls");
    }
    ERR_clear_error();
    {
      std::lock_guard lock(mutex_);
      if (const auto known = sessions_.find(host); known != sessions_.end()) SSL_set_session(ssl.get(), known->second.get());
    }
    auto tls = std::make_unique<Tls>(loop, fd, std::move(ssl));
    if (auto shaken = co_await shake(*tls, deadline, watch); !shaken) co_return forward(std::move(shaken));
    co_return tls;
  }

 private:
  Context context_;
  std::mutex mutex_;
  std::map<std::string, Session> sessions_;
};

class Server final : public TlsServer {
 public:
  explicit Server(Context context) : context_(std::move(context)) {}
  Task<Result<std::unique_ptr<Transport>>> accept(Loop& loop, int fd, Instant deadline) override {
    no_delay(fd);
    Ssl ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd);
    SSL_set_accept_state(ssl.get());
    auto tls = std::make_unique<Tls>(loop, fd, std::move(ssl));
    if (auto shaken = co_await shake(*tls, deadline, nullptr); !shaken) co_return forward(std::move(shaken));
    co_return tls;
  }

 private:
  Context context_;
};

}  // namespace

Result<std::unique_ptr<TlsClient>> TlsClient::make(const std::string& extra_ca) {
  Context context = make_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(context.get());
  if (!extra_ca.empty() && SSL_CTX_load_verify_locations(context.get(), extra_ca.c_str(), nullptr) != 1)
    return fail(Fault::config, fmt::format("cannot read certificates from {}: {}; give a PEM file", extra_ca, last_error()));
  static constexpr unsigned char http1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), http1, sizeof http1);
  ERR_clear_error();
  return std::make_unique<Client>(std::move(context));
}

Result<std::unique_ptr<TlsServer>> TlsServer::make(const std::string& certificate_file, const std::string& key_file) {
  Context context = make_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1)
    return fail(Fault::config,
                fmt::format("cannot read the certificate {}: {}; give a PEM file with the whole chain", certificate_file, last_error()));
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(context.get()) != 1)
    return fail(Fault::config, fmt::format("cannot use the private key {}: {}; give the PEM file that belongs to the certificate", key_file,
                                           last_error()));
  return std::make_unique<Server>(std::move(context));
}

}  // namespace ajar::net

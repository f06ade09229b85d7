// tests/net/tls_test.cpp - handshakes that must succeed and those that must not, with certificates of our own authority.
#include "net/tls.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/certificates.hpp"
#include "net/support.hpp"

namespace ajar::net {
namespace {

// A plain OpenSSL server on loopback that tells what it saw; driven by readiness like everything here.
class Oracle : public std::enable_shared_from_this<Oracle> {
 public:
  static std::shared_ptr<Oracle> open(Loop& loop, const std::pair<std::string, std::string>& files) {
    auto oracle = std::make_shared<Oracle>();
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    oracle->context_.reset(context);
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context, files.first.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context, files.second.c_str(), SSL_FILETYPE_PEM), 1);
    oracle->listener_ = std::move(*Listener::open(loop, "127.0.0.1", 0));
    loop.spawn(run(oracle, loop));
    return oracle;
  }
  std::uint16_t port() const { return listener_->port(); }
  SSL* last() { return connections_.back()->ssl; }
  void write(std::string_view bytes) {
    EXPECT_EQ(SSL_write(last(), bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
  }
  // Hands the raw record to the test, which sends it in pieces.
  std::string record(std::string_view bytes) {
    BIO* memory = BIO_new(BIO_s_mem());
    BIO* before = SSL_get_wbio(last());
    BIO_up_ref(before);
    SSL_set0_wbio(last(), memory);
    write(bytes);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string raw(data, static_cast<std::size_t>(size));
    SSL_set0_wbio(last(), before);
    return raw;
  }
  void send_raw(std::string_view bytes) {
    EXPECT_EQ(::send(connections_.back()->source.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void cut() { ::shutdown(connections_.back()->source.fd(), SHUT_RDWR); }  // without a goodbye

  int shaken = 0, resumed = 0;
  std::vector<std::string> names;  // server names as sent
  std::string received;

 private:
  struct Connection {
    Connection(Loop& loop, int fd, SSL* with) : source(loop, fd), ssl(with) {}
    ~Connection() { SSL_free(ssl); }
    Source source;
    SSL* ssl;
  };
  static Task<void> run(std::shared_ptr<Oracle> oracle, Loop& loop) {
    co_await oracle->listener_->run([oracle, &loop](int fd) {
      SSL* ssl = SSL_new(oracle->context_.get());
      SSL_set_fd(ssl, fd);
      SSL_set_accept_state(ssl);
      loop.spawn(serve(oracle, *oracle->connections_.emplace_back(std::make_unique<Connection>(loop, fd, ssl))));
    });
  }
  static Task<void> serve(std::shared_ptr<Oracle> oracle, Connection& connection) {
    bool shaken = false;
    while (true) {
      std::array<char, 65536> bytes{};
      const int n = shaken ? SSL_read(connection.ssl, bytes.data(), bytes.size()) : SSL_do_handshake(connection.ssl);
      if (n > 0 && !shaken) {
        shaken = true;
        ++oracle->shaken;
        oracle->resumed += SSL_session_reused(connection.ssl);
        const char* name = SSL_get_servername(connection.ssl, TLSEXT_NAMETYPE_host_name);
        oracle->names.emplace_back(name != nullptr ? name : "");
      } else if (n > 0) {
        oracle->received.append(bytes.data(), static_cast<std::size_t>(n));
      } else if (SSL_get_error(connection.ssl, n) == SSL_ERROR_WANT_READ) {
        connection.source.readable = connection.source.hung_up();
        if (co_await connection.source.wait_readable(never) != Wake::ready) co_return;
      } else {
        ERR_clear_error();
        co_return;
      }
    }
  }
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

struct TlsTest : testing::Test {
  using Connected = Result<std::unique_ptr<Transport>>;

  Result<int> connect(std::uint16_t port) {
    const auto addresses = *await(rig.loop, rig.resolver.resolve(rig.loop, "127.0.0.1", port, never, nullptr));
    return await(rig.loop, connect_to(rig.loop, addresses, never, nullptr));
  }
  Connected shake(TlsClient& client, std::uint16_t port, const std::string& host, Instant deadline = never) {
    const auto fd = connect(port);
    EXPECT_TRUE(fd);
    return await(rig.loop, client.connect(rig.loop, *fd, host, deadline, nullptr));
  }
  Result<std::string> read(Transport& transport, Instant deadline = never) {
    auto got = await(rig.loop, read_scratch(transport, deadline));
    if (!got) return forward(std::move(got));
    return std::string(got->data(), got->size());
  }
  Certificates certificates;
  Rig rig;
  std::shared_ptr<Oracle> oracle = Oracle::open(rig.loop, certificates.make("good", "DNS:good.test,DNS:*.wild.test,IP:127.0.0.1"));
  std::unique_ptr<TlsClient> trusting = std::move(*TlsClient::make(certificates.ca()));
};

TEST_F(TlsTest, AServerOfOurAuthorityIsTrustedAndToldItsName) {
  const auto transport = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(transport) << transport.error().message;
  ASSERT_TRUE(until(rig.loop, [&] { return oracle->shaken == 1; }));
  EXPECT_EQ(oracle->names, std::vector<std::string>{"good.test"});
  EXPECT_TRUE(await(rig.loop, write_all(**transport, "hello", never)));
  EXPECT_TRUE(until(rig.loop, [&] { return oracle->received == "hello"; }));
  oracle->write("hi");
  EXPECT_EQ(*read(**transport), "hi");
}

TEST_F(TlsTest, AnAddressIsVerifiedButNotSentAsAName) {
  const auto transport = shake(*trusting, oracle->port(), "127.0.0.1");
  ASSERT_TRUE(transport) << transport.error().message;
  ASSERT_TRUE(until(rig.loop, [&] { return oracle->shaken == 1; }));
  EXPECT_EQ(oracle->names, std::vector<std::string>{""});
  EXPECT_FALSE(shake(*trusting, oracle->port(), "127.0.0.2"));
}

TEST_F(TlsTest, AnotherHostIsRefused) {
  for (const char* host : {"other.test", "good.test.evil", "a.b.wild.test", "wild.test", ""}) {
    const auto transport = shake(*trusting, oracle->port(), host);
    ASSERT_FALSE(transport) << host;
    EXPECT_EQ(transport.error().fault, Fault::upstream_unavailable) << host;
    EXPECT_EQ(transport.error().code, "tls") << host;
  }
  EXPECT_TRUE(shake(*trusting, oracle->port(), "a.wild.test"));
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  const auto client = std::move(*TlsClient::make());
  const auto transport = shake(*client, oracle->port(), "good.test");
  ASSERT_FALSE(transport);
  EXPECT_EQ(transport.error().code, "tls");
  EXPECT_NE(transport.error().message.find("certificate"), std::string::npos) << transport.error().message;
}

TEST_F(TlsTest, APlainServerIsNoTlsServer) {
  const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
  rig.loop.spawn(listener->run([](int fd) {
    (void)!::write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    ::close(fd);
  }));
  const auto transport = shake(*trusting, listener->port(), "good.test");
  ASSERT_FALSE(transport);
  EXPECT_EQ(transport.error().code, "tls");
  listener->close();
}

TEST_F(TlsTest, TheSecondConnectionReusesTheSession) {
  auto first = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(first);
  oracle->write("x");  // the ticket travels before it
  EXPECT_EQ(*read(**first), "x");
  first->reset();
  const auto second = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(second);
  ASSERT_TRUE(until(rig.loop, [&] { return oracle->shaken == 2; }));
  EXPECT_EQ(oracle->resumed, 1);
}

TEST_F(TlsTest, ASilentServerIsTimedOut) {
  const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
  int accepted = -1;
  rig.loop.spawn(listener->run([&](int fd) { accepted = fd; }));
  const auto fd = connect(listener->port());
  std::optional<Connected> got;
  rig.loop.spawn(keep_result(trusting->connect(rig.loop, *fd, "good.test", rig.clock.now() + Millis(1000), nullptr), got));
  while (rig.loop.poll(Millis(1))) {
  }
  EXPECT_FALSE(got);
  rig.clock.advance(Millis(1100));
  ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
  EXPECT_EQ(got->error().fault, Fault::timed_out);
  ::close(accepted);
  listener->close();
}

TEST_F(TlsTest, ACallersHangUpEndsTheHandshake) {
  const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
  int accepted = -1;
  rig.loop.spawn(listener->run([&](int fd) { accepted = fd; }));
  const auto fd = connect(listener->port());
  auto [caller, client] = pair_of(rig.loop);
  std::optional<Connected> got;
  rig.loop.spawn(keep_result(trusting->connect(rig.loop, *fd, "good.test", never, &caller->source()), got));
  client.reset();
  ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
  EXPECT_EQ(got->error().fault, Fault::cancelled);
  ::close(accepted);
  listener->close();
}

// A record that comes in parts must not keep the loop busy, nor hide a deadline.
TEST_F(TlsTest, HalfARecordIsWaitedFor) {
  const auto transport = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(transport);
  const std::string raw = oracle->record("a whole record");
  oracle->send_raw(std::string_view(raw).substr(0, 10));
  std::optional<Result<std::span<char>>> got;
  rig.loop.spawn(keep_result(read_scratch(**transport, rig.clock.now() + Millis(500)), got));
  while (rig.loop.poll(Millis(1))) {
  }
  EXPECT_FALSE(got);
  rig.clock.advance(Millis(600));
  ASSERT_TRUE(until(rig.loop, [&] { return got.has_value(); }));
  EXPECT_EQ(got->error().fault, Fault::timed_out);
  oracle->send_raw(std::string_view(raw).substr(10));
  EXPECT_EQ(*read(**transport), "a whole record");
}

TEST_F(TlsTest, AnEndWithoutGoodbyeIsABreak) {
  const auto transport = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(transport);
  oracle->cut();
  const auto got = read(**transport);
  ASSERT_FALSE(got);  // or an attacker could shorten an answer that ends with its connection
  EXPECT_EQ(got.error().fault, Fault::upstream_unavailable);
}

TEST_F(TlsTest, MuchIsWrittenInFullRecordsWhateverThePieces) {
  const auto transport = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(transport);
  const std::string head = "head", body(3 << 20, 'b'), tail(20'000, 't');
  const iovec pieces[4] = {{const_cast<char*>(head.data()), head.size()},
                           {nullptr, 0},
                           {const_cast<char*>(body.data()), body.size()},
                           {const_cast<char*>(tail.data()), tail.size()}};
  std::string rest;
  const auto written = write_now(**transport, pieces, rest);
  ASSERT_TRUE(written);
  EXPECT_LT(rest.size(), body.size() + tail.size() - 16384);  // more than one record at once
  EXPECT_TRUE(await(rig.loop, write_all(**transport, rest, never)));
  EXPECT_TRUE(until(rig.loop, [&] { return oracle->received.size() == head.size() + body.size() + tail.size(); }));
  EXPECT_TRUE(oracle->received == head + body + tail);
}

TEST_F(TlsTest, DelayIsOff) {
  const auto transport = shake(*trusting, oracle->port(), "good.test");
  ASSERT_TRUE(transport);
  int on = 0;
  socklen_t size = sizeof on;
  ASSERT_EQ(::getsockopt((*transport)->source().fd(), IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
  EXPECT_NE(on, 0);
}

TEST_F(TlsTest, OurOwnServerAndClientUnderstandEachOther) {
  const auto [certificate, key] = certificates.make("own", "DNS:own.test");
  const auto server = std::move(*TlsServer::make(certificate, key));
  const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
  std::optional<Connected> accepted;
  rig.loop.spawn(listener->run([&](int fd) { rig.loop.spawn(keep_result(server->accept(rig.loop, fd, never), accepted)); }));
  const auto transport = shake(*trusting, listener->port(), "own.test");
  ASSERT_TRUE(transport) << transport.error().message;
  ASSERT_TRUE(until(rig.loop, [&] { return accepted.has_value(); }));
  EXPECT_TRUE(await(rig.loop, write_all(***accepted, "from the server", never)));
  EXPECT_EQ(*read(**transport), "from the server");
  accepted->value().reset();  // says goodbye
  EXPECT_EQ(*read(**transport), "");
  listener->close();
}

TEST_F(TlsTest, FilesThatAreNoCertificatesAreNamed) {
  const auto client = TlsClient::make("/nowhere/ca.pem");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().fault, Fault::config);
  EXPECT_NE(client.error().message.find("/nowhere/ca.pem"), std::string::npos);
  const auto files = certificates.make("a", "DNS:a"), others = certificates.make("b", "DNS:b");
  const auto server = TlsServer::make(files.first, others.second);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find(others.second), std::string::npos);
  EXPECT_FALSE(TlsServer::make(certificates.ca() + ".missing", files.second));
}

}  // namespace
}  // namespace ajar::net

// tests/net/listener_test.cpp - addresses, free and taken ports, and the end of accepting.
#include "net/listener.hpp"

#include <gtest/gtest.h>

#include "net/support.hpp"

namespace ajar::net {
namespace {

TEST(SplitAddress, TakesHostAndPort) {
  EXPECT_EQ(*split_address("127.0.0.1:8080"), std::pair(std::string("127.0.0.1"), std::uint16_t{8080}));
  EXPECT_EQ(*split_address("[::1]:0"), std::pair(std::string("::1"), std::uint16_t{0}));
  EXPECT_EQ(*split_address("8080"), std::pair(std::string("127.0.0.1"), std::uint16_t{8080}));
  EXPECT_EQ(*split_address(":65535"), std::pair(std::string("127.0.0.1"), std::uint16_t{65535}));
}

TEST(SplitAddress, SaysWhatIsWanted) {
  for (const char* text : {"", "localhost", "localhost:", "localhost:http", "127.0.0.1:65536", "127.0.0.1:-1", "[::1]"}) {
    const auto taken = split_address(text);
    ASSERT_FALSE(taken) << text;
    EXPECT_EQ(taken.error().fault, Fault::config);
    EXPECT_NE(taken.error().message.find("ADDRESS:PORT"), std::string::npos) << text;
  }
  EXPECT_NE(split_address("::1").error().message.find("[::1]:8080"), std::string::npos);
}

TEST(Listener, PortZeroTakesAFreeOne) {
  Rig rig;
  const auto a = Listener::open(rig.loop, "127.0.0.1", 0), b = Listener::open(rig.loop, "127.0.0.1", 0);
  ASSERT_TRUE(a && b);
  EXPECT_NE((*a)->port(), 0);
  EXPECT_NE((*a)->port(), (*b)->port());
  EXPECT_EQ((*a)->address(), "127.0.0.1:" + std::to_string((*a)->port()));
}

TEST(Listener, APortInUseIsNamedWithTheRemedy) {
  Rig rig;
  const auto first = Listener::open(rig.loop, "127.0.0.1", 0);
  ASSERT_TRUE(first);
  const auto second = Listener::open(rig.loop, "127.0.0.1", (*first)->port());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::config);
  EXPECT_NE(second.error().message.find((*first)->address()), std::string::npos);
  EXPECT_NE(second.error().message.find("--listen"), std::string::npos);
}

TEST(Listener, AnAddressOfAnotherMachineIsRefused) {
  Rig rig;
  const auto listener = Listener::open(rig.loop, "192.0.2.1", 0);  // kept for documentation: nobody has it
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().fault, Fault::config);
  EXPECT_NE(listener.error().message.find("an address of this machine"), std::string::npos);
}

TEST(Listener, ClosingEndsAccepting) {
  Rig rig;
  const auto listener = std::move(*Listener::open(rig.loop, "127.0.0.1", 0));
  rig.loop.spawn(listener->run([](int fd) { ::close(fd); }));
  EXPECT_EQ(rig.loop.tasks(), 1u);
  listener->close();
  EXPECT_EQ(rig.loop.tasks(), 0u);
  listener->close();
}

}  // namespace
}  // namespace ajar::net

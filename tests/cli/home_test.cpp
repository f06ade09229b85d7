// tests/cli/home_test.cpp - the state folder and the key in it.
#include "cli/home.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "base/hash.hpp"

namespace ajar::cli {
namespace {

class Home : public testing::Test {
 protected:
  Home() : folder_(std::filesystem::path(testing::TempDir()) / ("ajar-home-" + random_text(12))) {}
  ~Home() override { std::filesystem::remove_all(folder_); }
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
  }
  std::filesystem::path folder_;
};

TEST_F(Home, IsMadeForThisUserOnly) {
  ASSERT_TRUE(make_home(folder_ / "deeper" / "state"));
  EXPECT_EQ(mode_of(folder_ / "deeper" / "state"), 0700u);
  EXPECT_TRUE(make_home(folder_ / "deeper" / "state")) << "again is harmless";
}

TEST_F(Home, ThatCannotBeMadeSaysWhyAndWhatToDo) {
  ASSERT_TRUE(make_home(folder_));
  std::ofstream(folder_ / "file") << "in the way";
  const auto made = make_home(folder_ / "file" / "state");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::storage);
  EXPECT_NE(made.error().message.find("AJAR_HOME"), std::string::npos);
}

TEST_F(Home, KeepsItsKeyAndHidesIt) {
  ASSERT_TRUE(make_home(folder_));
  const auto first = key_of(folder_), again = key_of(folder_);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(*first, *again);
  EXPECT_TRUE(first->starts_with("ajar-"));
  EXPECT_GE(first->size(), 40u);
  EXPECT_EQ(mode_of(folder_ / "key"), 0600u);
  std::filesystem::remove(folder_ / "key");
  EXPECT_NE(*key_of(folder_), *first);
  EXPECT_NE(fresh_key(), fresh_key());
  EXPECT_EQ(hash_of("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(Home, OptionGoesBeforeFileAndFileBeforeVariable) {
  EXPECT_EQ(home_folder("/a", "/b"), "/a");
  EXPECT_EQ(home_folder("", "/b"), "/b");
}

TEST_F(Home, AFileThatCannotBeReadOrWrittenIsAFault) {
  EXPECT_FALSE(read_file(folder_ / "none"));
  EXPECT_FALSE(write_private(folder_ / "none" / "file", "text"));
}

}  // namespace
}  // namespace ajar::cli

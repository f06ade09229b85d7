// audit/verify/main.cpp - ajar-verify: checks a bundle of an audit log, with nothing else of Ajar.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "audit/bundle.hpp"

namespace {

constexpr const char* usage =
    "Usage: ajar-verify BUNDLE VERIFIER\n\n"
    "Checks a bundle that `ajar audit prove` wrote: the checkpoint's signature, and that its records are, unchanged and without a gap, "
    "those\n"
    "that the log holds at their place; then says what they come to. BUNDLE is a file, or - for standard input. VERIFIER is the text\n"
    "\"ajar-audit+...\" of the file audit/verifier of the gateway, or a file that holds it; get it by another way than the bundle.\n\n"
    "Exit code 0: all holds; 1: something does not; 2: wrong usage.\n";

std::string text_of(const std::string& file, bool& good) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(file, std::ios::binary);
  if (in) text << in.rdbuf();
  good = good && static_cast<bool>(in);
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") return fmt::print("{}", usage), 0;
  if (argc != 3) return fmt::print(stderr, "{}", usage), 2;
  bool good = true;
  const std::string bundle = text_of(argv[1], good);
  if (!good) return fmt::print(stderr, "ajar-verify: cannot read {}\n", argv[1]), 2;
  std::string verifier = argv[2];
  if (std::ifstream file(verifier); file) std::getline(file, verifier);
  const auto checked = ajar::audit::check_bundle(bundle, verifier);
  if (!checked) return fmt::print(stderr, "ajar-verify: {}\n", std::string_view(checked.error().message)), 1;
  fmt::print("Whole: records {} to {} of a log of {}, signed by {}.\n{}\n", checked->from, checked->from + checked->count,
             checked->checkpoint.size, checked->checkpoint.origin, checked->summary.sentence());
  fmt::print("Policy versions: {}\n", fmt::join(checked->policies, ", "));
  return 0;
}

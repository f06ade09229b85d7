// config/load.hpp - a configuration file to a Snapshot; all problems at once.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.hpp"
#include "config/toml.hpp"

namespace ajar::config {

// Looks a variable up; tests give their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment system_environment();

struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;  // null only when there are problems
  std::vector<Problem> problems;
  std::vector<Problem> warnings;  // loaded all the same, and probably not what is meant
};

// `folder`: what relative file: references are relative to.
Loaded load_text(std::string_view text, std::string_view file, const Environment&, const std::filesystem::path& folder = ".");
Loaded load_file(const std::filesystem::path&, const Environment&);

// "FILE:LINE:COLUMN: message" and the remedy on a line of its own.
std::string text_of(const Problem&);

// What a reload changes that only a restart brings into effect, as words; empty when nothing.
std::vector<std::string> needs_restart(const Snapshot& before, const Snapshot& after);

}  // namespace ajar::config

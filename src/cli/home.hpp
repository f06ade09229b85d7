// cli/home.hpp - the state folder: where it is, and what `up` keeps in it beside journal and database.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "catalog/catalog.hpp"

namespace ajar::cli {

// The option, else what the configuration says, else AJAR_HOME, else ~/.local/share/ajar.
std::filesystem::path home_folder(std::string_view option, std::string_view from_config = {});

// Makes the folder, for this user only. Faults: storage, saying what stands in the way and how to choose another.
Status make_home(const std::filesystem::path& home);

// The virtual key that `up` gives out: kept in HOME/key, for this user only, so that it stays the same; a fresh one when there is none.
// Faults: storage.
Result<std::string> key_of(const std::filesystem::path& home);

// The built-in catalogue with the price rows that were accepted in this state folder, if any. Faults: config, with file and line; storage.
Result<catalog::Catalog> catalog_in(const std::filesystem::path& home);

// A fresh secret for a virtual key, and how a configuration file names it ("sha256:...").
std::string fresh_key();
std::string hash_of(std::string_view secret);

// Whole files. Faults: storage. Written for this user only.
Result<std::string> read_file(const std::filesystem::path&);
Result<std::string> read_input(const std::string& file);  // "-" = standard input
std::string_view input_name(const std::string& file) noexcept;
Status write_private(const std::filesystem::path&, std::string_view text);

}  // namespace ajar::cli

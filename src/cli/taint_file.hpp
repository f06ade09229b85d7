// cli/taint_file.hpp - the file of a state folder in which the labels of conversations are kept.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "policy/taint.hpp"

namespace ajar::cli {

// 32 bytes of a key, then 24 bytes for each fingerprint: itself and its label, the lowest byte first. Made when there is none. Faults:
// storage, config when the file is none of this kind; a last one that was cut is dropped.
Result<std::unique_ptr<policy::Taint>> taint_in(const std::filesystem::path& home);

}  // namespace ajar::cli

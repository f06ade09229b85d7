// catalog/gpu.hpp - Gpu: an accelerator with its memory, bandwidth, peak compute, link and rents.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.hpp"

namespace ajar::catalog {

// Peaks are those of the data sheet, dense, in FLOP/s; a type that the chip lacks is computed in the next wider one.
struct Gpu {
  std::string id, name;
  std::vector<std::string> aliases;
  double memory = 0;     // bytes
  double bandwidth = 0;  // bytes/s of its memory
  double bf16 = 0, fp8 = 0, fp4 = 0;
  double link = 0;         // bytes/s per direction to its neighbours
  int domain = 1;          // GPUs that the link joins; 1 = PCIe only
  double power = 0;        // W, the chip's limit
  double allin_power = 0;  // W, with its share of the server and cooling; 0 = not known
  // US dollars per hour of one GPU; none = not known.
  std::optional<double> owned_low, owned_high, reserved, on_demand_low, on_demand_high, spot;
  Source source;
  bool has_fp8() const noexcept { return fp8 > bf16; }
  bool has_fp4() const noexcept { return fp4 > fp8; }
};

// Case, blanks and dashes do not matter; nullptr when unknown.
const Gpu* gpu_named(const std::vector<Gpu>&, std::string_view name) noexcept;

// Whether two names are the same but for case, blanks, dashes and dots.
bool same_name(std::string_view, std::string_view) noexcept;

}  // namespace ajar::catalog

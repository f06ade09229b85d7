// plan/capacity/points.cpp - rows of a table to set-ups and loads.
#include "plan/capacity/points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "plan/capacity/fit.hpp"

namespace ajar::plan {
namespace {

// Mean tokens per step with multi-token prediction, as in SGLang's and vLLM's reports for DeepSeek models: 1.7 for one drafted token.
constexpr double accepted_one = 1.7, accepted_more = 2.2;

std::optional<double> real(std::string_view text) noexcept {
  text = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

class RowReader {
 public:
  RowReader(const Csv& table, const Csv::Row& row) : table_(table), row_(row) {}
  std::string_view text(std::string_view name) const noexcept {
    const auto column = table_.column(name);
    return column ? trim(row_.fields[*column]) : std::string_view();
  }
  std::optional<double> number(std::string_view name) const noexcept { return real(text(name)); }
  std::optional<double> number(std::string_view name, std::string_view otherwise) const noexcept {
    const auto value = number(name);
    return value ? value : number(otherwise);
  }

 private:
  const Csv& table_;
  const Csv::Row& row_;
};

std::string unknown(std::string_view kind, std::string_view name, const std::vector<std::string_view>& known) {
  const auto near = nearest(name, known);
  return fmt::format("the {} \"{}\" is not known{}", kind, name, near ? fmt::format("; did you mean \"{}\"?", *near) : "");
}

class Maker {
 public:
  Maker(const std::vector<catalog::Gpu>& gpus, const std::vector<catalog::Shape>& shapes, Points& points)
      : gpus_(gpus), shapes_(shapes), points_(points) {}

  Point point(const RowReader& row, int line) {
    Point p;
    p.line = line;
    p.id = row.text("id");
    p.series = row.text("series");
    const auto seconds = [&row](std::string_view name) {
      const auto value = row.number(name);
      return value && *value > 0 ? std::optional(*value / 1e3) : std::nullopt;
    };
    p.ttft = seconds("ttft_ms");
    p.tpot = seconds("tpot_ms");
    if (const auto rate = row.number("out_tps_per_gpu"); rate && *rate > 0) p.rate = rate;
    p.reason = fill(p, row);
    return p;
  }

 private:
  // Gives what is wrong.
  std::string fill(Point& p, const RowReader& row) {
    Setup& s = p.setup;
    const std::string_view model = row.text("model"), gpu = row.text("gpu");
    s.gpu = catalog::gpu_named(gpus_, gpu);
    if (s.gpu == nullptr) {
      std::vector<std::string_view> known;
      for (const catalog::Gpu& g : gpus_) known.push_back(g.id);
      return unknown("GPU", gpu, known);
    }
    s.shape = shape(model, row);
    if (s.shape == nullptr) {
      std::vector<std::string_view> known;
      for (const catalog::Shape& m : shapes_) known.push_back(m.id);
      return unknown("model", model, known) + "; or give its size in params_total_b and params_active_b";
    }
    const std::string_view weights = row.text("precision");
    const auto precision = weights.empty() || iequal(weights, "unset") ? precision_named(s.shape->native) : precision_named(weights);
    if (!precision) return fmt::format("the precision \"{}\" is not known; there are bf16, fp8, fp4, int4", weights);
    s.precision = *precision;
    s.engine = engine_named(row.text("engine"));
    double engines = 1;
    if (std::string wrong = ranks(s, row, engines); !wrong.empty()) return wrong;
    s.version = row.text("engine_version");
    const std::string_view mode = row.text("mode");
    const auto known_mode = mode.empty() ? Mode::closed_loop : mode_named(mode);
    if (!known_mode) return fmt::format("the mode \"{}\" is not known; there are agg, disagg, offline-saturated, static-batch", mode);
    s.mode = *known_mode;
    s.accepted = accepted(row.text("spec_decode"));
    s.one_wave = row.text("protocol") == "gap" || row.text("flags").find("gap-analysis") != std::string_view::npos;
    std::string wrong = load(p.load, row, s.mode);
    if (p.load.in_flight > 0) p.load.in_flight = std::max(p.load.in_flight / engines, 1.0);
    return wrong;
  }

  // GPUs and ranks of one engine; how many engines decode side by side.
  static std::string ranks(Setup& s, const RowReader& row, double& engines) {
    const std::string_view text = row.text("parallelism");
    const auto gpus = row.number("n_gpu");
    if (gpus && (*gpus < 1 || *gpus > 4096 || *gpus != std::floor(*gpus))) return fmt::format("n_gpu {} is no number of GPUs", *gpus);
    s.gpus = static_cast<int>(gpus.value_or(0));
    if (const auto pools = pools_of(text)) {
      s.parallel = pools->decode;
      const int each = s.parallel.tensor * s.parallel.data * s.parallel.pipeline;
      engines = pools->engines;
      if (s.gpus > 0) s.share = std::min(1.0, engines * each / s.gpus);
      s.gpus = each;
      return {};
    }
    if (text.empty() || text.find("node") != std::string_view::npos) {  // not told: as is usual for the model
      const auto usual = smallest_setup(*s.shape, *s.gpu, s.precision, s.engine, 1024);
      if (usual && (s.gpus == 0 || usual->gpus <= s.gpus)) s.parallel = usual->parallel;
      const int each = s.parallel.tensor * s.parallel.pipeline;
      engines = s.gpus > each ? static_cast<double>(s.gpus) / each : 1;
      s.gpus = each;
      return {};
    }
    auto parallel = parallelism_of(text);
    if (!parallel) return parallel.error().message;
    s.parallel = *parallel;
    if (s.gpus == 0) s.gpus = s.parallel.tensor * s.parallel.data * s.parallel.pipeline;
    return {};
  }

  static std::string load(Load& l, const RowReader& row, Mode mode) {
    const auto input = row.number("isl_mean", "isl"), output = row.number("osl_mean", "osl");
    if (!input || *input < 1 || *input > 2e7)
      return "the input length (isl_mean or isl) is missing or no number of tokens from 1 to 20 million";
    if (!output || *output < 1 || *output > 2e6)
      return "the output length (osl_mean or osl) is missing or no number of tokens from 1 to 2 million";
    l.input = *input;
    l.output = *output;
    const auto in_flight = row.number("concurrency");
    if (in_flight && (*in_flight < 1 || *in_flight > 1e6))
      return fmt::format("concurrency {} is no number of requests in flight", *in_flight);
    l.in_flight = in_flight.value_or(mode == Mode::saturated ? 0 : 1);
    return {};
  }

  static double accepted(std::string_view text) noexcept {
    if (text.empty() || iequal(text, "none") || text.starts_with("unknown")) return 1;
    return text.find('1') != std::string_view::npos ? accepted_one : accepted_more;
  }

  const catalog::Shape* shape(std::string_view name, const RowReader& row) {
    if (const catalog::Shape* known = catalog::shape_named(shapes_, name)) return known;
    for (const catalog::Shape& made : points_.made)
      if (made.id == name) return &made;
    const auto total = row.number("params_total_b"), active = row.number("params_active_b");
    if (!total || *total <= 0 || *total > 1e5) return nullptr;
    points_.made.push_back(catalog::shape_of_size(name, *total * 1e9, std::min(active.value_or(*total), *total) * 1e9));
    return &points_.made.back();
  }

  const std::vector<catalog::Gpu>& gpus_;
  const std::vector<catalog::Shape>& shapes_;
  Points& points_;
};

}  // namespace

Result<Points> points_of(std::string_view csv, const std::vector<catalog::Gpu>& gpus, const std::vector<catalog::Shape>& shapes) {
  auto table = read_csv(csv);
  if (!table) return forward(std::move(table));
  for (const std::string_view needed : {"model", "gpu"})
    if (!table->column(needed)) return fail(Fault::bad_request, fmt::format("line 1: there is no column \"{}\"", needed));
  for (const auto& [mean, nominal] : {std::pair("isl_mean", "isl"), std::pair("osl_mean", "osl")})
    if (!table->column(mean) && !table->column(nominal))
      return fail(Fault::bad_request, fmt::format("line 1: there is neither a column \"{}\" nor \"{}\"", mean, nominal));
  Points points;
  Maker maker(gpus, shapes, points);
  points.rows.reserve(table->rows.size());
  for (const Csv::Row& row : table->rows) points.rows.push_back(maker.point(RowReader(*table, row), row.line));
  return points;
}

}  // namespace ajar::plan

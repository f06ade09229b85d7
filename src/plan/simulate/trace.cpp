// plan/simulate/trace.cpp - reading tables of requests quickly, and making some.
#include "plan/simulate/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/text.hpp"
#include "plan/random.hpp"

namespace ajar::plan {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int32_t most_tokens = 10'000'000;

struct Columns {
  std::size_t at = 0, input = 0, output = 0, count = 0;
  bool clock = false;      // times are dates
  std::size_t blocks = 0;  // `count` = there is no such column
};

std::unexpected<Error> wrong(int line, std::size_t column, std::string message) {
  return fail(Fault::bad_request, fmt::format("line {}, column {}: {}", line, column, message));
}

Result<Columns> columns_of(std::string_view head) {
  const std::vector<std::string_view> names = split(trim(head), ',');
  const auto find = [&names](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find_if(names, [name](std::string_view n) { return trim(n) == name; }) - names.begin());
  };
  for (const auto& [at, input, output, clock] :
       {std::tuple("t_s", "input_tokens", "output_tokens", false), std::tuple("TIMESTAMP", "ContextTokens", "GeneratedTokens", true)}) {
    const Columns c{find(at), find(input), find(output), names.size(), clock, find("prefix_block_ids")};
    if (c.at < names.size() && c.input < names.size() && c.output < names.size()) return c;
  }
  return fail(Fault::bad_request,
              "line 1: the columns t_s, input_tokens, output_tokens (or TIMESTAMP, ContextTokens, GeneratedTokens) are missing");
}

// "2023-11-16 18:15:46.6805900" to ns.
std::optional<std::int64_t> clock_of(std::string_view text) noexcept {
  if (text.size() < 19) return std::nullopt;
  std::string iso(text.substr(0, 19));
  iso[10] = 'T';
  const auto whole = parse_rfc3339(iso + "Z");
  if (!whole) return std::nullopt;
  std::int64_t rest = 0, unit = second / 10;
  for (std::size_t i = 20; i < text.size() && text[19] == '.' && text[i] >= '0' && text[i] <= '9'; ++i, unit /= 10)
    rest += (text[i] - '0') * unit;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(whole->time_since_epoch()).count() + rest;
}

std::optional<std::int64_t> seconds_of(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e9)) return std::nullopt;
  return std::llround(value * 1e9);
}

// "0;14-27;3" to its numbers; false when it is no such list or has more than the prompt can have.
bool read_blocks(std::string_view text, std::size_t most, std::vector<std::uint32_t>& out) {
  const std::size_t before = out.size();
  const auto number = [&text](std::uint32_t& n) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc();
  };
  while (!text.empty()) {
    std::uint32_t from = 0, to = 0;
    if (!number(from)) return false;
    to = from;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      if (!number(to)) return false;
    }
    if (to < from || to - from >= most || out.size() - before + (to - from) >= most) return false;
    for (std::uint32_t block = from; block != to; ++block) out.push_back(block);
    out.push_back(to);
    if (text.empty()) break;
    if (!text.starts_with(';') || text.size() == 1) return false;
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace

std::span<const std::uint32_t> Trace::blocks_of(std::size_t request) const noexcept {
  if (block_ends.empty()) return {};
  const std::size_t begin = request == 0 ? 0 : block_ends[request - 1];
  const auto whole = static_cast<std::size_t>(arrivals[request].input / block_tokens);
  return std::span(blocks).subspan(begin, std::min<std::size_t>(block_ends[request] - begin, whole));
}

Result<Trace> trace_of(std::string_view csv) {
  if (csv.starts_with("\xef\xbb\xbf")) csv.remove_prefix(3);
  std::size_t end = std::min(csv.find('\n'), csv.size());
  const auto columns = columns_of(csv.substr(0, end));
  if (!columns) return std::unexpected(columns.error());
  csv.remove_prefix(std::min(end + 1, csv.size()));
  Trace trace;
  trace.arrivals.reserve(csv.size() / 24);
  std::int64_t first = 0, before = 0, longest = 0;
  int longest_line = 0;
  std::array<std::string_view, 64> fields;
  if (columns->count > fields.size()) return fail(Fault::bad_request, "line 1: more than 64 columns");
  for (int line = 2; !csv.empty(); ++line) {
    end = std::min(csv.find('\n'), csv.size());
    std::string_view row = csv.substr(0, end);
    csv.remove_prefix(std::min(end + 1, csv.size()));
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (row.empty()) continue;
    std::size_t count = 0;
    const char* begin = row.data();
    for (std::string_view rest = row; count < columns->count; ++count) {
      const std::size_t comma = rest.find(',');
      fields[count] = rest.substr(0, comma);
      if (comma == std::string_view::npos) {
        ++count;
        break;
      }
      rest.remove_prefix(comma + 1);
    }
    if (count < columns->count) return wrong(line, row.size() + 1, fmt::format("{} fields where the header has {}", count, columns->count));
    const auto place = [begin](std::string_view field) { return static_cast<std::size_t>(field.data() - begin) + 1; };
    const std::string_view when = fields[columns->at];
    const auto at = columns->clock ? clock_of(when) : seconds_of(when);
    if (!at) return wrong(line, place(when), fmt::format("\"{}\" is no time", clipped(when, 40)));
    Arrival a;
    for (const auto& [column, tokens, what] :
         {std::tuple(columns->input, &a.input, "input"), std::tuple(columns->output, &a.output, "output")}) {
      const std::string_view field = fields[column];
      const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), *tokens);
      if (error != std::errc() || stop != field.data() + field.size() || *tokens < 1 || *tokens > most_tokens)
        return wrong(line, place(field), fmt::format("\"{}\" is no number of {} tokens from 1 to 10 million", clipped(field, 40), what));
    }
    if (trace.arrivals.empty()) first = before = *at;
    if (*at < before) return wrong(line, place(when), "the time lies before that of the row above; sort the rows by time");
    if (*at - before > longest) longest = *at - before, longest_line = line;
    before = *at;
    a.at = *at - first;
    if (columns->blocks < columns->count) {
      const std::string_view field = fields[columns->blocks];
      if (!read_blocks(field, static_cast<std::size_t>(a.input / Trace::block_tokens) + 1, trace.blocks))
        return wrong(line, place(field),
                     fmt::format("\"{}\" is no list of the prompt's blocks of 512 tokens; write e.g. 0;14-27", clipped(field, 40)));
      trace.block_ends.push_back(static_cast<std::uint32_t>(trace.blocks.size()));
    }
    trace.arrivals.push_back(a);
  }
  if (trace.arrivals.empty()) return fail(Fault::bad_request, "line 2: there are no requests");
  if (longest > 3600 * second && longest > trace.arrivals.back().at / 10)
    trace.warnings.push_back(fmt::format("a gap of {:.1f} hours before line {}", static_cast<double>(longest) / 3600e9, longest_line));
  return trace;
}

Trace synthetic_trace(std::size_t count, double per_second, double input, double output, std::uint64_t seed) {
  Random random(seed);
  Trace trace;
  trace.arrivals.reserve(count);
  double at = 0;
  const auto around = [&random](double mean) {
    // 4^u with u from -1 to 1 has the mean 1.352.
    const double value = mean / 1.352 * std::exp2(2 * random.between(-1, 1));
    return static_cast<std::int32_t>(std::clamp(value, 1.0, static_cast<double>(most_tokens)));
  };
  for (std::size_t i = 0; i < count; ++i) {
    trace.arrivals.push_back({static_cast<std::int64_t>(at * 1e9), around(input), around(output)});
    at -= std::log(1 - random.uniform()) / per_second;
  }
  return trace;
}

Trace faster(Trace trace, double factor) {
  for (Arrival& a : trace.arrivals) a.at = static_cast<std::int64_t>(static_cast<double>(a.at) / factor);
  return trace;
}

PrefixShares prefix_shares(const Trace& trace, double lifetime) {
  constexpr std::size_t least_blocks = 1024 / Trace::block_tokens;
  std::unordered_map<std::uint32_t, std::int64_t> last_use;
  double input = 0, read = 0, written = 0;
  const auto lives = static_cast<std::int64_t>(lifetime * 1e9);
  for (std::size_t i = 0; i < trace.arrivals.size(); ++i) {
    const std::int64_t now = trace.arrivals[i].at;
    const auto blocks = trace.blocks_of(i);
    std::size_t hit = 0;
    while (hit < blocks.size()) {
      const auto found = last_use.find(blocks[hit]);
      if (found == last_use.end() || now - found->second > lives) break;
      ++hit;
    }
    if (hit < least_blocks) hit = 0;
    input += trace.arrivals[i].input;
    read += static_cast<double>(hit) * Trace::block_tokens;
    if (blocks.size() < least_blocks) continue;
    written += static_cast<double>(blocks.size() - hit) * Trace::block_tokens;
    for (const std::uint32_t block : blocks) last_use[block] = now;
  }
  return input > 0 ? PrefixShares{read / input, written / input} : PrefixShares{};
}

}  // namespace ajar::plan

// ledger/record.cpp - the encoding, field by field; writing and reading stand side by side.
#include "ledger/record.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/hash.hpp"

namespace ajar::ledger {
namespace {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

constexpr std::uint8_t version = 1, kind_intent = 1, kind_settlement = 2;
constexpr std::size_t most_name = 128, most_price = 192, most_reason = 400, most_attempts = 8, most_warnings = 8;

// Bits of the flags byte.
constexpr std::uint8_t is_stream = 1, is_simulated = 2, is_reported = 4, has_fault = 8, has_cost = 16, has_first = 32;

// The worst case of each part, so that writing needs no check.
constexpr std::size_t name_room = most_name + 2, number_room = 10;
constexpr std::size_t intent_room = 2 + 6 * name_room + 8 + number_room;
constexpr std::size_t attempt_room = name_room + 1 + 2 * number_room;
constexpr std::size_t entry_room = intent_room + 6 * name_room + 3 + 13 * number_room + (most_price + 2) + (most_reason + 2) + 2 +
                                   most_attempts * attempt_room + most_warnings * name_room;
static_assert(record_head + intent_room + 7 <= largest_intent && largest_intent % 8 == 0);
static_assert(record_head + entry_room + 7 <= largest_record && largest_record % 8 == 0);

// How faults and outcomes stand on disk: these numbers never change and are never used again. A new fault needs one to compile.
constexpr std::uint8_t code_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::bad_request:
      return 1;
    case Fault::too_large:
      return 2;
    case Fault::context_too_long:
      return 3;
    case Fault::unauthenticated:
      return 4;
    case Fault::forbidden:
      return 5;
    case Fault::not_found:
      return 6;
    case Fault::rate_limited:
      return 7;
    case Fault::over_budget:
      return 8;
    case Fault::upstream_auth:
      return 9;
    case Fault::upstream_refused:
      return 10;
    case Fault::upstream_unavailable:
      return 11;
    case Fault::overloaded:
      return 12;
    case Fault::timed_out:
      return 13;
    case Fault::cancelled:
      return 14;
    case Fault::config:
      return 15;
    case Fault::storage:
      return 16;
    case Fault::internal:
      return 17;
  }
  return 17;
}

constexpr std::array faults{Fault::bad_request,
                            Fault::too_large,
                            Fault::context_too_long,
                            Fault::unauthenticated,
                            Fault::forbidden,
                            Fault::not_found,
                            Fault::rate_limited,
                            Fault::over_budget,
                            Fault::upstream_auth,
                            Fault::upstream_refused,
                            Fault::upstream_unavailable,
                            Fault::overloaded,
                            Fault::timed_out,
                            Fault::cancelled,
                            Fault::config,
                            Fault::storage,
                            Fault::internal};

constexpr std::uint8_t code_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::open:
      return 1;
    case Outcome::answered:
      return 2;
    case Outcome::failed:
      return 3;
    case Outcome::cut:
      return 4;
    case Outcome::cancelled:
      return 5;
  }
  return 1;
}

constexpr std::array outcomes{Outcome::open, Outcome::answered, Outcome::failed, Outcome::cut, Outcome::cancelled};

constexpr std::uint64_t folded(std::int64_t value) noexcept {  // small magnitudes to small numbers
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unfolded(std::uint64_t value) noexcept { return static_cast<std::int64_t>((value >> 1U) ^ (0 - (value & 1U))); }

// How much of a text is kept: at most `most` bytes, and no character of UTF-8 in halves.
std::size_t kept(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<std::uint8_t>(text[most]) & 0xC0U) == 0x80U) --most;
  return most;
}

// Writes without looking at the end: the rooms above are enough for everything that is written.
class Pen {
 public:
  explicit Pen(char* at) noexcept : at_(at) {}
  char* at() const noexcept { return at_; }
  void byte(std::uint8_t value) noexcept { *at_++ = static_cast<char>(value); }
  void word(std::int64_t value) noexcept {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void number(std::uint64_t value) noexcept {
    for (; value >= 0x80U; value >>= 7U) byte(static_cast<std::uint8_t>(value | 0x80U));
    byte(static_cast<std::uint8_t>(value));
  }
  void amount(std::int64_t value) noexcept { number(folded(value)); }
  void text(std::string_view value, std::size_t most = most_name) noexcept {
    const std::size_t size = kept(value, most);
    number(size);
    std::memcpy(at_, value.data(), size);
    at_ += size;
  }

 private:
  char* at_;
};

void put(Pen& pen, const Intent& intent) noexcept {
  pen.text(intent.id);
  pen.word(intent.began.time_since_epoch().count());
  pen.text(intent.tenant);
  pen.text(intent.key);
  pen.text(intent.model);
  pen.text(intent.deployment);
  pen.number(intent.label);
  pen.text(intent.label_words);
}

void put(Pen& pen, const Usage& usage) noexcept {
  for (const std::int64_t tokens : {usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output,
                                    usage.reasoning, usage.audio_input, usage.audio_output, usage.image_input})
    pen.amount(tokens);
}

void put(Pen& pen, const Attempt& attempt) noexcept {
  pen.text(attempt.deployment);
  pen.byte(attempt.fault ? code_of(*attempt.fault) : 0);
  pen.amount(attempt.status);
  pen.amount(attempt.duration.count());
}

// Of too many, the first and the last.
void put_attempts(Pen& pen, const std::vector<Attempt>& attempts) noexcept {
  const std::size_t count = std::min(attempts.size(), most_attempts);
  pen.byte(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) put(pen, i + 1 == count ? attempts.back() : attempts[i]);
}

void put_warnings(Pen& pen, const std::vector<std::string>& warnings) noexcept {
  const std::size_t count = std::min(warnings.size(), most_warnings);
  pen.byte(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i)
    pen.text(i + 1 == most_warnings && warnings.size() > count ? std::string_view("and more") : std::string_view(warnings[i]));
}

std::uint8_t flags_of(const Entry& e) noexcept {
  return static_cast<std::uint8_t>((e.stream ? is_stream : 0U) | (e.simulated ? is_simulated : 0U) | (e.usage.reported ? is_reported : 0U) |
                                   (e.fault ? has_fault : 0U) | (e.cost ? has_cost : 0U) | (e.first_token ? has_first : 0U));
}

void put_rest(Pen& pen, const Entry& e) noexcept {
  for (const std::string* name : {&e.snapshot, &e.provider, &e.upstream_model, &e.zone, &e.hosting, &e.upstream_id}) pen.text(*name);
  pen.byte(flags_of(e));
  pen.byte(code_of(e.outcome));
  if (e.fault) pen.byte(code_of(*e.fault));
  pen.amount(e.status);
  put(pen, e.usage);
  if (e.cost) pen.amount(e.cost->nanos);
  pen.text(e.price_id, most_price);
  if (e.first_token) pen.amount(e.first_token->count());
  pen.amount(e.duration.count());
  pen.text(e.reason, most_reason);
  put_attempts(pen, e.attempts);
  put_warnings(pen, e.warnings);
}

// Over the size and everything behind the checksum.
std::uint32_t checksum(std::string_view record) noexcept { return crc32c(record.substr(8), crc32c(record.substr(0, 4))); }

std::size_t close(char* at, Pen& pen, std::uint64_t sequence) noexcept {
  while ((pen.at() - at) % 8 != 0) pen.byte(0);
  const auto size = static_cast<std::uint32_t>(pen.at() - at);
  std::memcpy(at, &size, 4);
  std::memcpy(at + 8, &sequence, 8);
  const std::uint32_t sum = checksum({at, size});
  std::memcpy(at + 4, &sum, 4);
  return size;
}

// Reads the same fields; after the first flaw everything reads as empty and `flawed` stays set.
class Eye {
 public:
  explicit Eye(std::string_view body) noexcept : left_(body) {}
  bool flawed() const noexcept { return flawed_; }
  void flaw() noexcept { flawed_ = true; }

  std::uint8_t byte() noexcept {
    if (left_.empty()) flaw();
    if (flawed_) return 0;
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
  }
  std::int64_t word() noexcept {
    std::int64_t value = 0;
    if (left_.size() < sizeof value) flaw();
    if (flawed_) return 0;
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t piece = byte();
      if (shift == 63 && piece > 1) flaw();  // beyond 64 bits
      if (shift > 0 && piece == 0) flaw();   // not the shortest form
      value |= static_cast<std::uint64_t>(piece & 0x7FU) << shift;
      if ((piece & 0x80U) == 0) return flawed_ ? 0 : value;
    }
    flaw();
    return 0;
  }
  std::int64_t amount() noexcept { return unfolded(number()); }
  int status() noexcept {
    const std::int64_t value = amount();
    if (value < INT32_MIN || value > INT32_MAX) flaw();
    return flawed_ ? 0 : static_cast<int>(value);
  }
  void text(std::string& out, std::size_t most = most_name) {
    const std::uint64_t size = number();
    if (size > most || size > left_.size()) flaw();
    if (flawed_) return out.clear();
    out.assign(left_.substr(0, size));
    left_.remove_prefix(size);
  }
  std::size_t count(std::size_t most) noexcept {
    const std::size_t value = byte();
    if (value > most) flaw();
    return flawed_ ? 0 : value;
  }
  template <class Value, std::size_t n>
  Value one_of(const std::array<Value, n>& all) noexcept {
    const std::uint8_t code = byte();
    for (const Value value : all)
      if (code_of(value) == code) return value;
    flaw();
    return all.front();
  }
  bool only_zeros_left() const noexcept { return left_.size() < 8 && left_.find_first_not_of('\0') == std::string_view::npos; }

 private:
  std::string_view left_;
  bool flawed_ = false;
};

void get(Eye& eye, Intent& intent) {
  eye.text(intent.id);
  intent.began = WallTime(Nanos(eye.word()));
  eye.text(intent.tenant);
  eye.text(intent.key);
  eye.text(intent.model);
  eye.text(intent.deployment);
  intent.label = eye.number();
  eye.text(intent.label_words);
}

void get(Eye& eye, Usage& usage) noexcept {
  for (std::int64_t* tokens : {&usage.input, &usage.cache_read, &usage.cache_write_5m, &usage.cache_write_1h, &usage.output,
                               &usage.reasoning, &usage.audio_input, &usage.audio_output, &usage.image_input})
    *tokens = eye.amount();
}

void get(Eye& eye, Attempt& attempt) {
  eye.text(attempt.deployment);
  const std::uint8_t code = eye.byte();
  attempt.fault = std::nullopt;
  for (const Fault fault : faults)
    if (code_of(fault) == code) attempt.fault = fault;
  if (code != 0 && !attempt.fault) eye.flaw();
  attempt.status = eye.status();
  attempt.duration = Nanos(eye.amount());
}

void get_rest(Eye& eye, Entry& e) {
  for (std::string* name : {&e.snapshot, &e.provider, &e.upstream_model, &e.zone, &e.hosting, &e.upstream_id}) eye.text(*name);
  const std::uint8_t flags = eye.byte();
  if (flags >= 2 * has_first) eye.flaw();
  e.stream = (flags & is_stream) != 0;
  e.simulated = (flags & is_simulated) != 0;
  e.usage.reported = (flags & is_reported) != 0;
  e.outcome = eye.one_of(outcomes);
  e.fault = (flags & has_fault) != 0 ? std::optional(eye.one_of(faults)) : std::nullopt;
  e.status = eye.status();
  get(eye, e.usage);
  e.cost = (flags & has_cost) != 0 ? std::optional(Money{eye.amount()}) : std::nullopt;
  eye.text(e.price_id, most_price);
  e.first_token = (flags & has_first) != 0 ? std::optional(Nanos(eye.amount())) : std::nullopt;
  e.duration = Nanos(eye.amount());
  eye.text(e.reason, most_reason);
  e.attempts.resize(eye.count(most_attempts));
  for (Attempt& attempt : e.attempts) get(eye, attempt);
  e.warnings.resize(eye.count(most_warnings));
  for (std::string& warning : e.warnings) eye.text(warning);
}

std::unexpected<Error> flawed(std::string why) { return fail(Fault::storage, "not a ledger record: " + why); }

}  // namespace

std::size_t encode(const Intent& intent, std::uint64_t sequence, char* at) noexcept {
  Pen pen(at + record_head);
  pen.byte(version);
  pen.byte(kind_intent);
  put(pen, intent);
  return close(at, pen, sequence);
}

std::size_t encode(const Entry& entry, std::uint64_t sequence, char* at) noexcept {
  Pen pen(at + record_head);
  pen.byte(version);
  pen.byte(kind_settlement);
  put(pen, static_cast<const Intent&>(entry));
  put_rest(pen, entry);
  return close(at, pen, sequence);
}

std::uint32_t claimed_size(std::string_view bytes) noexcept {
  std::uint32_t size = 0;
  if (bytes.size() >= sizeof size) std::memcpy(&size, bytes.data(), sizeof size);
  return size;
}

std::uint64_t intact(std::string_view bytes) noexcept {
  const std::uint32_t size = claimed_size(bytes);
  if (size <= record_head || size % 8 != 0 || size > largest_record || size > bytes.size()) return 0;
  std::uint32_t sum = 0;
  std::uint64_t sequence = 0;
  std::memcpy(&sum, bytes.data() + 4, 4);
  std::memcpy(&sequence, bytes.data() + 8, 8);
  return sum == checksum(bytes.substr(0, size)) ? sequence : 0;
}

Status decode(std::string_view bytes, Record& record) {
  const std::uint32_t size = claimed_size(bytes);
  if (size == 0) return flawed("no size");
  if (size > bytes.size()) return flawed("cut short");
  const std::uint64_t sequence = intact(bytes);
  if (sequence == 0) return flawed("the checksum differs");
  Eye eye(bytes.substr(record_head, size - record_head));
  const std::uint8_t written_by = eye.byte(), kind = eye.byte();
  if (written_by != version) return flawed("version " + std::to_string(written_by) + ", this program knows " + std::to_string(version));
  if (kind != kind_intent && kind != kind_settlement) return flawed("an unknown kind");
  record.settled = kind == kind_settlement;
  record.sequence = sequence;
  record.size = size;
  get(eye, static_cast<Intent&>(record.entry));
  if (record.settled) get_rest(eye, record.entry);
  if (eye.flawed() || !eye.only_zeros_left()) return flawed("its fields do not fit");
  return ok();
}

namespace {

template <class What>
std::string whole(const What& what, std::uint64_t sequence) {
  std::string room(largest_record, '\0');
  room.resize(encode(what, sequence, room.data()));
  return room;
}

}  // namespace

std::string bytes_of(const Intent& intent, std::uint64_t sequence) { return whole(intent, sequence); }
std::string bytes_of(const Entry& entry, std::uint64_t sequence) { return whole(entry, sequence); }

}  // namespace ajar::ledger

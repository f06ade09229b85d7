// tests/ledger/record_test.cpp - records come back as they were, and nothing that is not a whole record is taken for one.
#include "ledger/record.hpp"

#include <limits>

#include "ledger/support.hpp"

namespace ajar::ledger {
namespace {

Record decoded(std::string_view bytes) {
  Record record;
  const auto done = decode(bytes, record);
  if (!done) ADD_FAILURE() << done.error().message;
  return record;
}

bool refused(std::string_view bytes) {
  Record record;
  return !decode(bytes, record);
}

class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  std::string text(std::size_t most) {
    std::string text(below(most + 1), 'x');
    for (char& c : text) c = static_cast<char>(32 + below(95));
    return text;
  }
  std::int64_t number() {
    const auto bits = static_cast<std::int64_t>(engine_() >> below(64));
    return below(2) == 0 ? bits : -bits - 1;
  }
  std::optional<Fault> fault() { return below(2) == 0 ? std::nullopt : std::optional(static_cast<Fault>(below(17))); }

 private:
  std::mt19937_64 engine_;
};

Entry any_entry(Chance& chance) {
  Entry e;
  for (std::string* name : {&e.id, &e.tenant, &e.key, &e.model, &e.deployment, &e.label_words, &e.snapshot, &e.provider, &e.upstream_model,
                            &e.zone, &e.hosting, &e.upstream_id})
    *name = chance.text(128);
  e.began = WallTime(Nanos(chance.number()));
  e.label = static_cast<std::uint64_t>(chance.number());
  e.stream = chance.below(2) == 0, e.simulated = chance.below(2) == 0, e.usage.reported = chance.below(2) == 0;
  e.outcome = static_cast<Outcome>(chance.below(5));
  e.fault = chance.fault();
  e.status = static_cast<int>(chance.below(600));
  for (std::int64_t* tokens : {&e.usage.input, &e.usage.cache_read, &e.usage.cache_write_5m, &e.usage.cache_write_1h, &e.usage.output,
                               &e.usage.reasoning, &e.usage.audio_input, &e.usage.audio_output, &e.usage.image_input})
    *tokens = chance.number();
  if (chance.below(2) == 0) e.cost = Money{chance.number()};
  e.price_id = chance.text(192);
  if (chance.below(2) == 0) e.first_token = Nanos(chance.number());
  e.duration = Nanos(chance.number());
  e.reason = chance.text(400);
  for (auto left = chance.below(9); left > 0; --left)
    e.attempts.push_back({.deployment = chance.text(128),
                          .fault = chance.fault(),
                          .status = static_cast<int>(chance.below(600)),
                          .duration = Nanos(chance.number())});
  for (auto left = chance.below(9); left > 0; --left) e.warnings.push_back(chance.text(128));
  return e;
}

TEST(Record, EntryComesBackFieldByField) {
  const Entry e = sample("req-1");
  const Record r = decoded(bytes_of(e, 77));
  EXPECT_TRUE(r.settled);
  EXPECT_EQ(r.sequence, 77u);
  EXPECT_EQ(r.entry.id, "req-1");
  EXPECT_EQ(r.entry.began, e.began);
  EXPECT_EQ(r.entry.tenant, "ward");
  EXPECT_EQ(r.entry.key, "nurse");
  EXPECT_EQ(r.entry.model, "assistant");
  EXPECT_EQ(r.entry.deployment, "qwen-local");
  EXPECT_EQ(r.entry.label, (std::uint64_t{1} << 63U) | 5U);
  EXPECT_EQ(r.entry.label_words, "phi");
  EXPECT_EQ(r.entry.snapshot, "0011aabb");
  EXPECT_EQ(r.entry.provider, "vllm");
  EXPECT_EQ(r.entry.upstream_model, "Qwen/Qwen3.6-35B");
  EXPECT_EQ(r.entry.zone, "own");
  EXPECT_EQ(r.entry.hosting, "own");
  EXPECT_TRUE(r.entry.stream);
  EXPECT_FALSE(r.entry.simulated);
  EXPECT_EQ(r.entry.outcome, Outcome::answered);
  EXPECT_FALSE(r.entry.fault);
  EXPECT_EQ(r.entry.status, 200);
  EXPECT_EQ(r.entry.usage, e.usage);
  EXPECT_EQ(r.entry.cost, e.cost);
  EXPECT_EQ(r.entry.price_id, e.price_id);
  EXPECT_EQ(r.entry.first_token, e.first_token);
  EXPECT_EQ(r.entry.duration, e.duration);
  ASSERT_EQ(r.entry.attempts.size(), 2u);
  EXPECT_EQ(r.entry.attempts[0].fault, Fault::timed_out);
  EXPECT_EQ(r.entry.attempts[1].deployment, "qwen-local");
  EXPECT_EQ(r.entry.attempts[1].duration, Nanos(Millis(3300)));
  EXPECT_EQ(r.entry.reason, e.reason);
  EXPECT_EQ(r.entry.warnings, e.warnings);
  EXPECT_EQ(r.entry.upstream_id, "chatcmpl-1");
}

TEST(Record, IntentHoldsOnlyWhatIsKnownBefore) {
  const Entry e = sample("req-1");
  const Record r = decoded(bytes_of(static_cast<const Intent&>(e)));
  EXPECT_FALSE(r.settled);
  EXPECT_EQ(r.entry.id, "req-1");
  EXPECT_EQ(r.entry.deployment, "qwen-local");
  EXPECT_EQ(r.entry.label, e.label);
  EXPECT_EQ(r.entry.provider, "");
}

TEST(Record, AnyEntryComesBack) {
  Chance chance(7);
  for (int i = 0; i < 3000; ++i) {
    const Entry e = any_entry(chance);
    const std::string bytes = bytes_of(e, 1 + chance.below(1'000'000));
    ASSERT_LE(bytes.size(), largest_record);
    const Record r = decoded(bytes);
    ASSERT_EQ(r.size, bytes.size());
    ASSERT_EQ(bytes_of(r.entry, r.sequence), bytes);
    ASSERT_EQ(r.entry.reason, e.reason);
    ASSERT_EQ(r.entry.usage, e.usage);
    ASSERT_EQ(r.entry.cost, e.cost);
    ASSERT_EQ(r.entry.attempts.size(), e.attempts.size());
    const std::string intent = bytes_of(static_cast<const Intent&>(e));
    ASSERT_LE(intent.size(), largest_intent);
    ASSERT_EQ(bytes_of(static_cast<const Intent&>(decoded(intent).entry)), intent);
  }
}

TEST(Record, EveryFaultAndOutcomeComesBack) {
  for (int fault = 0; fault <= static_cast<int>(Fault::internal); ++fault) {
    for (int outcome = 0; outcome < 5; ++outcome) {
      Entry e = sample("x");
      e.fault = static_cast<Fault>(fault);
      e.outcome = static_cast<Outcome>(outcome);
      e.attempts[0].fault = e.fault;
      const Record r = decoded(bytes_of(e));
      EXPECT_EQ(r.entry.fault, e.fault);
      EXPECT_EQ(r.entry.outcome, e.outcome);
      EXPECT_EQ(r.entry.attempts[0].fault, e.fault);
      EXPECT_EQ(outcome_named(name_of(e.outcome)), e.outcome);
    }
  }
}

TEST(Record, LargestEntryFitsAndIsCutWhereItIsTooLong) {
  constexpr auto most = std::numeric_limits<std::int64_t>::min();
  Entry e;
  for (std::string* name : {&e.id, &e.tenant, &e.key, &e.model, &e.deployment, &e.label_words, &e.snapshot, &e.provider, &e.upstream_model,
                            &e.zone, &e.hosting, &e.upstream_id, &e.price_id, &e.reason})
    *name = std::string(100'000, 'y');
  e.label = ~std::uint64_t{0};
  e.fault = Fault::internal;
  e.cost = Money{most};
  e.first_token = e.duration = Nanos(most);
  e.usage = {most, most, most, most, most, most, most, most, most, true};
  e.status = INT32_MIN;
  for (int i = 0; i < 40; ++i)
    e.attempts.push_back({.deployment = fmt::format("{:200}", i), .fault = Fault::storage, .status = INT32_MIN, .duration = Nanos(most)});
  e.warnings.assign(40, std::string(5000, 'w'));
  const std::string bytes = bytes_of(e);
  EXPECT_LE(bytes.size(), largest_record);
  const Record r = decoded(bytes);
  EXPECT_EQ(r.entry.model.size(), 128u);
  EXPECT_EQ(r.entry.reason.size(), 400u);
  EXPECT_EQ(r.entry.usage, e.usage);
  ASSERT_EQ(r.entry.attempts.size(), 8u);
  EXPECT_EQ(r.entry.attempts.back().deployment, e.attempts.back().deployment.substr(0, 128));  // the last one tried stays
  ASSERT_EQ(r.entry.warnings.size(), 8u);
  EXPECT_EQ(r.entry.warnings.back(), "and more");
  EXPECT_LE(bytes_of(static_cast<const Intent&>(e)).size(), largest_intent);
}

TEST(Record, LongNameIsNotCutInsideACharacter) {
  Entry e = sample("x");
  e.model = std::string(127, 'a') + "\xC3\xA9";  // would be cut in halves at 128
  EXPECT_EQ(decoded(bytes_of(e)).entry.model, std::string(127, 'a'));
}

TEST(Record, EveryTruncationIsRefused) {
  for (const std::string& bytes : {bytes_of(sample("req-1")), bytes_of(static_cast<const Intent&>(sample("req-1")))})
    for (std::size_t size = 0; size < bytes.size(); ++size) ASSERT_TRUE(refused(bytes.substr(0, size))) << size;
}

TEST(Record, EveryBitFlipIsRefused) {
  for (const std::string& bytes : {bytes_of(sample("req-1")), bytes_of(static_cast<const Intent&>(sample("req-1")))}) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      ASSERT_TRUE(refused(flipped + std::string(largest_record, '\0'))) << bit;
    }
  }
}

// With a good checksum: the fields themselves are checked as well.
std::string with_checksum(std::string bytes) {
  const std::uint32_t sum = crc32c(std::string_view(bytes).substr(8), crc32c(std::string_view(bytes).substr(0, 4)));
  std::memcpy(bytes.data() + 4, &sum, 4);
  return bytes;
}

TEST(Record, GoodChecksumOverBadFieldsIsRefused) {
  const std::string good = bytes_of(static_cast<const Intent&>(sample("req-1")));
  ASSERT_EQ(with_checksum(good), good);
  const auto with = [&good](std::size_t at, char value) {
    std::string bad = good;
    bad[at] = value;
    return with_checksum(bad);
  };
  EXPECT_TRUE(refused(with(16, 2)));               // version
  EXPECT_TRUE(refused(with(17, 3)));               // kind
  EXPECT_TRUE(refused(with(18, '\x7F')));          // a text longer than what is left
  EXPECT_TRUE(refused(with(good.size() - 1, 1)));  // not zero behind the fields
  std::string longer = good + std::string(8, '\0');
  longer[0] = static_cast<char>(longer.size());
  EXPECT_TRUE(refused(with_checksum(longer)));  // more zeros than the size asks for
}

TEST(Record, AnyBytesAreSafe) {
  Chance chance(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = bytes_of(any_entry(chance));
    for (auto flips = 1 + chance.below(6); flips > 0; --flips)
      bytes[16 + chance.below(bytes.size() - 16)] = static_cast<char>(chance.below(256));
    bytes = with_checksum(bytes);
    Record r;
    if (decode(bytes, r)) ASSERT_EQ(r.settled ? bytes_of(r.entry) : bytes_of(static_cast<const Intent&>(r.entry)), bytes);
  }
}

}  // namespace
}  // namespace ajar::ledger

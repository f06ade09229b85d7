// tests/ledger/query_test.cpp - the newest, sums, following, and both forms for other programs.
#include "ledger/query.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "ledger/format.hpp"
#include "ledger/support.hpp"

namespace ajar::ledger {
namespace {

// Six exchanges over two days: three answered, one of them unpriced, a failed, a cut without usage, an open one; and one simulated.
class Query : public testing::Test {
 protected:
  void SetUp() override {
    journal_ = open_journal({.folder = folder_.journal(), .segment_bytes = 128 << 10});
    const auto put = [this](Entry e) {
      ASSERT_TRUE(journal_->lane(0).intend(e));
      if (e.outcome != Outcome::open) ASSERT_TRUE(journal_->lane(0).settle(e));
    };
    put(sample("a", 0));
    Entry b = sample("b", 1);
    b.deployment = "claude", b.zone = "external", b.provider = "anthropic", b.cost = Money{9'007'199'254'740'993};  // no double holds this
    put(b);
    Entry c = sample("c", 86'400);
    c.cost.reset(), c.price_id.clear();
    put(c);
    Entry d = sample("d", 86'401);
    d.outcome = Outcome::failed, d.fault = Fault::forbidden, d.status = 403, d.usage = {}, d.cost.reset(), d.zone.clear(),
    d.deployment.clear(), d.attempts.clear();
    put(d);
    Entry e = sample("e", 86'402);
    e.outcome = Outcome::cut, e.fault = Fault::upstream_unavailable, e.usage = {}, e.cost.reset(), e.tenant = "lab";
    put(e);
    Entry f = sample("f", 86'403);
    f.outcome = Outcome::open;
    put(f);
    Entry g = sample("g", 86'404);
    g.simulated = true;
    put(g);
    store_ = filled(folder_);
    wait_until([&] { return store_->take_all() && all_of(store_->database()).size() == 7; });
  }

  std::string ids(const Filter& filter, std::int64_t limit = 100, bool ascending = true) {
    std::string text;
    const auto done = newest(store_->database(), filter, limit, ascending, [&text](const Entry& e) { text += e.id; });
    EXPECT_TRUE(done);
    return text;
  }
  std::vector<Sum> sums_by(By by, const Filter& filter = {}) {
    auto all = sums(store_->database(), filter, by);
    if (!all) ADD_FAILURE() << all.error().message;
    return all ? *all : std::vector<Sum>();
  }

  Folder folder_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Store> store_;
};

Filter with(std::string Filter::* field, std::string value) {
  Filter filter;
  filter.*field = std::move(value);
  return filter;
}

TEST_F(Query, NewestFirstUpToTheLimit) {
  EXPECT_EQ(ids({}, 3, false), "gfe");
  EXPECT_EQ(ids({}, 3, true), "efg");
  EXPECT_EQ(ids({}, 0), "");
  EXPECT_EQ(ids({}), "abcdefg");
}

TEST_F(Query, FiltersJoin) {
  EXPECT_EQ(ids(with(&Filter::deployment, "claude")), "b");
  EXPECT_EQ(ids(with(&Filter::tenant, "lab")), "e");
  EXPECT_EQ(ids(with(&Filter::id, "c")), "c");
  EXPECT_EQ(ids(with(&Filter::model, "other")), "");
  EXPECT_EQ(ids(with(&Filter::key, "nurse' OR '1")), "");
  Filter filter = with(&Filter::model, "assistant");
  filter.since = sample("", 1).began;
  filter.until = sample("", 86'401).began;  // until is not in it
  EXPECT_EQ(ids(filter), "bc");
  for (const Entry& e : all_of(store_->database())) EXPECT_EQ(matches(filter, e), e.id == "b" || e.id == "c");
}

TEST_F(Query, SumsAreExactAndKeepUnpricedAndSimulatedApart) {
  const auto all = sums_by(By::model);
  ASSERT_EQ(all.size(), 2u);
  const Sum &real = all[0], &simulated = all[1];
  EXPECT_FALSE(real.simulated);
  EXPECT_EQ(real.group, "assistant");
  EXPECT_EQ(real.requests, 6);
  EXPECT_EQ(real.answered, 3);
  EXPECT_EQ(real.failed, 1);
  EXPECT_EQ(real.cut, 1);
  EXPECT_EQ(real.open, 1);
  EXPECT_EQ(real.unpriced, 2);  // c and e; d never reached anybody, f is not settled
  EXPECT_EQ(real.cost, (Money{1'234'567 + 9'007'199'254'740'993}));
  EXPECT_EQ(real.usage.input, 3600);
  EXPECT_EQ(real.usage.cache_read, 900);
  EXPECT_EQ(real.usage.cache_write_5m, 21);
  EXPECT_EQ(real.usage.cache_write_1h, 27);
  EXPECT_EQ(real.usage.output, 1050);
  EXPECT_EQ(real.usage.reasoning, 120);
  EXPECT_EQ(real.usage.audio_input, 3);
  EXPECT_EQ(real.usage.audio_output, 6);
  EXPECT_EQ(real.usage.image_input, 9);
  EXPECT_TRUE(simulated.simulated);
  EXPECT_EQ(simulated.requests, 1);
  EXPECT_EQ(total(all, false).cost, real.cost);
  EXPECT_EQ(total(all, true).requests, 1);
}

TEST_F(Query, UnpricedMeansTheSameInSumsAndForEntries) {
  std::int64_t count = 0;
  for (const Entry& e : all_of(store_->database())) count += is_unpriced(e) ? 1 : 0;
  EXPECT_EQ(count, total(sums_by(By::model), false).unpriced);
}

TEST_F(Query, EveryGrouping) {
  const auto groups = [this](By by) {
    std::string text;
    for (const Sum& s : sums_by(by)) text += fmt::format("{}={}{} ", s.group, s.requests, s.simulated ? "s" : "");
    return text;
  };
  EXPECT_EQ(groups(By::deployment), "qwen-local=4 =1 claude=1 qwen-local=1s ");
  EXPECT_EQ(groups(By::tenant), "ward=5 lab=1 ward=1s ");
  EXPECT_EQ(groups(By::key), "nurse=6 nurse=1s ");
  EXPECT_EQ(groups(By::day), "2026-11-24=2 2026-11-25=4 2026-11-25=1s ");
  EXPECT_EQ(groups(By::zone), "own=3 =2 external=1 own=1s ");
  EXPECT_EQ(groups(By::provider), "vllm=4 =1 anthropic=1 vllm=1s ");
  EXPECT_EQ(groups(By::outcome), "answered=3 answered=1s cut=1 failed=1 open=1 ");
  for (const std::string_view name : by_names()) EXPECT_EQ(name_of(*by_named(name)), name);
  EXPECT_FALSE(by_named("modle"));
}

TEST_F(Query, JsonOfAnEntry) {
  std::string line;
  ASSERT_TRUE(newest(store_->database(), with(&Filter::id, "b"), 1, false, [&line](const Entry& e) { line = json_line(e); }));
  ASSERT_EQ(line.back(), '\n');
  const auto value = json::read(trim(line));
  ASSERT_TRUE(value);
  EXPECT_EQ((*value)["began"].text(), "2026-11-24T15:05:50.123Z");
  EXPECT_EQ((*value)["cost_nanos"].integer(), 9'007'199'254'740'993);
  EXPECT_EQ((*value)["cost_usd"].text(), "9007199.254740993");
  EXPECT_EQ((*value)["tokens"]["cache_write_1h"].integer(), 9);
  EXPECT_EQ((*value)["label"].text(), "phi");
  EXPECT_EQ((*value)["label_bits"].text(), "0x8000000000000005");
  EXPECT_TRUE((*value)["fault"].is_null());
  EXPECT_EQ((*value)["attempts"].at(0)["fault"].text(), "timed_out");
  EXPECT_EQ((*value)["attempts"].at(1)["duration_us"].integer(), 3'300'000);
  EXPECT_EQ((*value)["warnings"].at(0).text(), "logit_bias was dropped");
}

TEST_F(Query, UnpricedIsNullAndNeverZero) {
  std::string line;
  ASSERT_TRUE(newest(store_->database(), with(&Filter::id, "c"), 1, false, [&line](const Entry& e) { line = json_line(e); }));
  const auto value = json::read(trim(line));
  ASSERT_TRUE(value);
  EXPECT_TRUE((*value)["cost_nanos"].is_null());
  EXPECT_EQ((*value)["unpriced"].boolean(), true);
}

TEST_F(Query, JsonOfSums) {
  const auto value = json::read(trim(json_of(sums_by(By::tenant), By::tenant)));
  ASSERT_TRUE(value);
  EXPECT_EQ((*value)["by"].text(), "tenant");
  EXPECT_EQ((*value)["groups"].at(0)["tenant"].text(), "ward");
  EXPECT_EQ((*value)["total"]["requests"].integer(), 6);
  EXPECT_EQ((*value)["simulated_total"]["requests"].integer(), 1);
  EXPECT_TRUE((*json::read(trim(json_of({}, By::tenant))))["simulated_total"].is_null());
}

TEST_F(Query, FollowShowsEachSettlementOnce) {
  std::string seen;
  const See see = [&seen](const Entry& e) { seen += e.id; };
  auto follow = Follow::start(store_->database(), folder_.journal(), with(&Filter::tenant, "ward"), 2, see);
  ASSERT_TRUE(follow);
  EXPECT_EQ(seen, "fg");
  ASSERT_TRUE((*follow)->next(see));
  EXPECT_EQ(seen, "fg");
  Entry open = sample("f", 86'403);
  ASSERT_TRUE(journal_->lane(0).settle(open));
  std::string expected = "fgf";
  for (int i = 0; i < 600; ++i) {  // into the next segments
    ASSERT_TRUE(journal_->lane(0).intend(sample("n")));
    ASSERT_TRUE(journal_->lane(0).settle(sample("n")));
    expected += 'n';
  }
  Entry other = sample("x");
  other.tenant = "lab";
  ASSERT_TRUE(journal_->lane(0).intend(other));
  ASSERT_TRUE(journal_->lane(0).settle(other));
  // Whether the database is filled meanwhile makes no difference.
  wait_until([&] { return store_->take_all() && (*follow)->next(see) && seen.size() >= expected.size(); });
  EXPECT_EQ(seen, expected);
}

TEST(Format, CsvQuotesAsRfc4180) {
  Entry e = sample("a,b");
  e.reason = "says \"first\"\r\nof 2";
  const std::string line = csv_line(e);
  EXPECT_TRUE(line.starts_with("\"a,b\",2026-11-24T15:05:49.123Z,ward,nurse,")) << line;
  EXPECT_NE(line.find(",\"says \"\"first\"\"\r\nof 2\","), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("\r\n"));
  // As many cells as heads; the quoted ones hold commas of their own.
  std::size_t cells = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++cells;
  }
  EXPECT_EQ(cells, split(csv_head_of_entries(), ',').size());
  EXPECT_TRUE(csv_head_of_entries().starts_with("id,began,tenant,key,model,"));
  EXPECT_NE(csv_head_of_entries().find(",cache_write_1h_tokens,"), std::string_view::npos);
  const auto sums_text = csv_of({Sum{.group = "m",
                                     .simulated = false,
                                     .requests = 3,
                                     .answered = 3,
                                     .failed = 0,
                                     .cut = 0,
                                     .cancelled = 0,
                                     .open = 0,
                                     .unpriced = 0,
                                     .usage = {},
                                     .cost = Money{5}}},
                                By::model);
  EXPECT_TRUE(sums_text.starts_with("model,simulated,requests,")) << sums_text;
  EXPECT_NE(sums_text.find("\r\nm,false,3,"), std::string::npos) << sums_text;
}

TEST(Format, BytesThatAreNoTextDoNoHarm) {
  Entry e = sample("x\xFF\xC3");
  e.model = "\x1b[31mred\u00e9\xC2\x9B";
  EXPECT_TRUE(json::read(trim(json_line(e))));
  EXPECT_EQ(printable(e.model), "?[31mred\u00e9?");
  EXPECT_EQ(printable("a\nb\x7F"), "a?b?");
}

}  // namespace
}  // namespace ajar::ledger

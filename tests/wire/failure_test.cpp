// tests/wire/failure_test.cpp - upstream errors of every shape, and Errors in each caller's dialect.
#include "base/text.hpp"
#include "exchange.hpp"

namespace ajar::wire::test {
namespace {

// status, type, code and param that a caller of Chat sees.
std::string seen(const json::Value& v) {
  const json::Value& e = v["error"];
  return json::write(v["status"]) + " " + std::string(e["type"].text()) + " " + std::string(e["code"].text("-")) + " " +
         std::string(e["param"].text("-"));
}

TEST(UpstreamFailure, Classes) {
  const auto given = [](int status, std::string_view body) { return seen(refused(status, body)); };
  EXPECT_EQ(given(400, R"({"error":{"message":"m","type":"invalid_request_error","param":"tools","code":"unsupported_value"}})"),
            "400 invalid_request_error unsupported_value tools");
  EXPECT_EQ(given(401, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})"),
            "502 server_error upstream_auth -");
  EXPECT_EQ(given(403, "{}"), "502 server_error upstream_auth -");
  EXPECT_EQ(
      given(
          400,
          R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})"),
      "502 server_error upstream_auth -");
  EXPECT_EQ(given(404, R"({"error":{"message":"no such model","type":"NotFoundError","param":null,"code":404}})"),
            "404 invalid_request_error model_not_found -");
  EXPECT_EQ(given(408, ""), "504 server_error timeout -");
  EXPECT_EQ(given(413, R"({"type":"error","error":{"type":"request_too_large","message":"m"}})"), "413 invalid_request_error - -");
  EXPECT_EQ(given(422, R"({"detail":[{"loc":["body"],"msg":"field required"}]})"), "400 invalid_request_error - -");
  EXPECT_EQ(given(424, R"({"error":"Request failed during generation","error_type":"generation"})"), "502 server_error upstream_error -");
  EXPECT_EQ(given(429, R"({"error":"Model is overloaded","error_type":"overloaded"})"), "429 rate_limit_error rate_limit_exceeded -");
  EXPECT_EQ(given(429, R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})"),
            "429 insufficient_quota insufficient_quota -");
  EXPECT_EQ(
      given(
          429,
          R"({"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}})"),
      "429 insufficient_quota insufficient_quota -");
  EXPECT_EQ(given(402, R"({"error":{"message":"Insufficient Balance"}})"), "429 insufficient_quota insufficient_quota -");
  EXPECT_EQ(given(500, "<html>oops</html>"), "502 server_error upstream_error -");
  EXPECT_EQ(given(503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})"), "503 server_error overloaded -");
  EXPECT_EQ(given(504, ""), "504 server_error timeout -");
  EXPECT_EQ(given(529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"), "503 server_error overloaded -");
}

TEST(UpstreamFailure, APromptThatDoesNotFit) {
  const std::string expected = "400 invalid_request_error context_length_exceeded -";
  const auto given = [](int status, std::string_view body) { return seen(refused(status, body)); };
  EXPECT_EQ(
      given(
          400,
          R"({"error":{"message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}})"),
      expected);
  EXPECT_EQ(
      given(
          400,
          R"({"object":"error","message":"The input (9 tokens) is longer than the model's context length (8 tokens).","type":"BadRequestError","code":400})"),
      expected);
  EXPECT_EQ(given(400, R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}})"),
            expected);
  EXPECT_EQ(
      given(
          400,
          R"({"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of tokens allowed (8).","status":"INVALID_ARGUMENT"}})"),
      expected);
  EXPECT_EQ(
      given(
          500,
          R"({"error":{"code":400,"message":"the request exceeds the available size","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}})"),
      expected);
  EXPECT_EQ(given(400, R"({"error":{"message":"m","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})"),
            "400 invalid_request_error context_length_exceeded messages");
}

TEST(UpstreamFailure, Messages) {
  EXPECT_EQ(refused(400, R"({"error":"model 'x' not found"})")["error"]["message"].text(), "model 'x' not found");
  EXPECT_EQ(refused(422, R"({"detail":[{"msg":"field required"}]})")["error"]["message"].text(), "field required");
  EXPECT_EQ(refused(400, R"([{"error":{"code":400,"message":"wrapped","status":"INVALID_ARGUMENT"}}])")["error"]["message"].text(),
            "wrapped");
  EXPECT_EQ(refused(500, "<html>")["error"]["message"].text(), "the upstream answered with status 500");
  EXPECT_EQ(
      refused(
          400,
          R"({"error":{"message":"use 'max_completion_tokens' with claude-sonnet-4-20250514, not key Zx9Kq2Lm8Pw4Rt6Yv1Bn3"}})")["error"]
                                                                                                                                ["message"]
                                                                                                                                    .text(),
      "use 'max_completion_tokens' with claude-sonnet-4-20250514, not key [redacted]");
  EXPECT_EQ(refused(401, R"({"error":{"message":"your secret is wrong"}})")["error"]["message"].text().find("secret"), std::string::npos);
  std::string umlauts;
  for (int i = 0; i < 700; ++i) umlauts += "\xC3\xBC";
  const json::Value cut = refused(400, R"({"error":{"message":"x)" + umlauts + R"("}})");
  EXPECT_LE(cut["error"]["message"].text().size(), 1001u);
  EXPECT_TRUE(json::read(json::write(cut)));
}

TEST(UpstreamFailure, ErrorsOfSuccessSayTheirStatusThemselves) {
  EXPECT_EQ(seen(refused(200, R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}})")),
            "429 rate_limit_error rate_limit_exceeded -");
  EXPECT_EQ(seen(refused(200, R"({"error":{"type":"invalid_request_error","message":"m"}})")), "400 invalid_request_error - -");
  EXPECT_EQ(seen(refused(200, R"({"error":{"message":"m"}})")), "502 server_error upstream_error -");
}

TEST(UpstreamFailure, WhenToComeBack) {
  const auto retry = [](int status, const Headers& headers, std::string_view body = "{}", WallTime now = {}) {
    return std::string(refused(status, body, headers, now)["retry"].text());
  };
  EXPECT_EQ(retry(429, {{"retry-after", "7"}}), "7");
  EXPECT_EQ(retry(503, {{"Retry-After", "1.2"}}), "2");
  EXPECT_EQ(retry(429, {{"retry-after-ms", "1500"}, {"retry-after", "9"}}), "2");
  EXPECT_EQ(retry(429, {{"date", "Wed, 21 Oct 2026 07:28:00 GMT"}, {"retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"}}), "30");
  EXPECT_EQ(retry(429, {{"retry-after", "Thu, 01 Jan 2026 00:01:00 GMT"}}, "{}", WallTime(frozen)), "60");
  EXPECT_EQ(retry(429, {{"retry-after", "Thu, 01 Jan 2026 00:01:00 GMT"}}), "");
  EXPECT_EQ(retry(429, {{"retry-after", "Wed, 31 Dec 2025 00:01:00 GMT"}}, "{}", WallTime(frozen)), "0");
  EXPECT_EQ(retry(429, {{"retry-after", "soon"}}), "");
  EXPECT_EQ(retry(429, {}, R"({"error":{"details":[{"@type":"x"},{"retryDelay":"1m2.5s"}]}})"), "63");
  EXPECT_EQ(retry(429, {{"x-ratelimit-reset-requests", "12ms"},
                        {"x-ratelimit-remaining-requests", "3"},
                        {"x-ratelimit-reset-tokens", "6m0s"},
                        {"x-ratelimit-remaining-tokens", "0"}}),
            "360");
  EXPECT_EQ(retry(429, {{"anthropic-ratelimit-requests-reset", "2026-01-01T00:00:20Z"}, {"anthropic-ratelimit-requests-remaining", "0"}},
                  "{}", WallTime(frozen)),
            "20");
  EXPECT_EQ(retry(400, {{"x-ratelimit-reset-requests", "12s"}}), "");
  EXPECT_EQ(retry(429, {{"retry-after", "7"}}, R"({"error":{"code":"insufficient_quota"}})"), "");
  EXPECT_EQ(retry(429, {{"retry-after", "999999999"}}), "");
}

TEST(Failure, EveryFaultHasAStatusInEveryDialect) {
  for (int f = 0; f <= static_cast<int>(Fault::internal); ++f)
    for (const Dialect dialect : {Dialect::openai_chat, Dialect::anthropic_messages, Dialect::gemini_generate}) {
      Error error;
      error.fault = static_cast<Fault>(f);
      error.message = "m";
      const Failure out = failure(dialect, error);
      EXPECT_GE(out.status, 400) << f;
      EXPECT_TRUE(json::read(out.body)) << f;
      EXPECT_NE(out.body.find("\"m\""), std::string::npos) << f;
    }
}

TEST(Failure, OwnErrorsKeepCodeAndParam) {
  const Error error = fail(Fault::forbidden, "no", "policy_blocked").error();
  EXPECT_EQ(parsed(failure(Dialect::openai_chat, error).body),
            parsed(R"({"error":{"message":"no","type":"invalid_request_error","param":null,"code":"policy_blocked"}})"));
  EXPECT_EQ(failure(Dialect::openai_chat, error).status, 403);
  EXPECT_EQ(failure(Dialect::anthropic_messages, error).status, 403);
}

}  // namespace
}  // namespace ajar::wire::test

// tests/policy/content_test.cpp - every position of a request's body in which bytes can hide raises the label.
#include "policy/content.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ajar::policy {
namespace {

std::string words(const Seen& seen) { return join(names_of(seen.label, {}), "+"); }

std::string base64(std::string_view text) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out.push_back(alphabet[(bits >> (count - 6)) & 63]);
  }
  if (count > 0) out.push_back(alphabet[(bits << (6 - count)) & 63]);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::string in_json(std::string_view text) {
  const std::string quoted = json::write(json::Value(std::string(text)));
  return quoted.substr(1, quoted.size() - 2);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    static constexpr std::string_view hex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out += std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
  }
  return out;
}

std::string in_url(std::string_view text) {
  std::string out;
  for (const char c : text) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      out.push_back(c);
    else
      out += std::string("%") + hex[byte >> 4] + hex[byte & 15];
  }
  return out;
}

TEST(Content, EveryPositionRaisesTheLabel) {
  constexpr std::string_view payloads[] = {"my ssn is 078-05-1120", "card 4111 1111 1111 1111", "mail jo.doe@example.com"};
  std::ifstream file(AJAR_SOURCE_DIR "/tests/policy/positions.jsonl");
  int bodies = 0;
  for (std::string line; std::getline(file, line);) {
    const auto row = json::read(line);
    ASSERT_TRUE(row) << line;
    const std::string carrier((*row)["carrier"].text());
    // What is no body of JSON: whole files, headers, and what a gateway does beside the request.
    if (carrier == "multipart" || carrier == "header" || carrier == "behaviour") continue;
    for (const std::string_view payload : payloads) {
      const json::Value& body = (*row)["body"];
      // A text stands for raw JSON.
      const bool raw = body.string() != nullptr;
      std::string text = raw ? *body.string() : json::write(body);
      if (text.find("{{") == std::string::npos) continue;  // in the address, which is never sent on
      const std::string once = raw ? std::string(payload) : in_json(payload);
      text = replaced(text, "{{PAYLOAD}}", once);
      text = replaced(text, "{{PAYLOAD|json}}", raw ? in_json(payload) : in_json(in_json(payload)));
      text = replaced(text, "{{PAYLOAD|jsonu}}", escaped(payload));
      text = replaced(text, "{{PAYLOAD|url}}", in_url(payload));
      text = replaced(text, "{{PAYLOAD|base64}}", base64(payload));
      text = replaced(text, "\"{{PAYLOAD|token_ids}}\"", "3666, 274, 264, 374, 220, 24405, 12, 2304, 12, 5037, 508");
      text = replaced(text, "{{PAYLOAD_HEAD}}", in_json(payload.substr(0, payload.size() - 6)));
      text = replaced(text, "{{PAYLOAD_TAIL}}", in_json(payload.substr(payload.size() - 6)));
      for (const std::string_view made : {"{{IMAGE_WITH_TEXT}}", "{{IMAGE_WITH_METADATA}}", "{{PDF_WITH_TEXT}}", "{{AUDIO}}"})
        text = replaced(text, made, base64("\x89PNG not a picture"));
      text = replaced(text, "{{STORED_SENSITIVE}}", "resp_1");
      ++bodies;
      EXPECT_NE(look_at(text).label, public_label) << (*row)["id"].text() << " " << (*row)["position"].text() << "\n"
                                                   << text.substr(0, 400);
    }
  }
  EXPECT_GT(bodies, 200);
}

TEST(Content, OrdinaryRequestsStayPublic) {
  for (
      const std::string_view body :
      {R"({"model":"m","messages":[{"role":"user","content":"Write a haiku about autumn."}],"temperature":0.7,"max_tokens":100})",
       R"({"model":"m","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Explain a stack and a queue."}],"stream":true,"stream_options":{"include_usage":true}})",
       R"({"model":"m","max_tokens":16,"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_01","name":"get_weather","input":{"city":"Paris"}}]}],"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]})",
       R"({"contents":[{"role":"user","parts":[{"text":"Sort 10, 2, 5, -4, 92 and 101."}]}],"generationConfig":{"maxOutputTokens":100}})",
       R"({"model":"m","messages":[{"role":"user","content":"{\"a\": [1, 2, 3], \"b\": \"text\"}"}]})"})
    EXPECT_EQ(words(look_at(body)), "public") << body;
}

TEST(Content, TellsKindsAndNeverValues) {
  const Seen seen = look_at(R"({"messages":[{"content":"ssn 078-05-1120, jo@example.com, jo@example.org"}]})");
  EXPECT_EQ(words(seen), "pii");
  EXPECT_EQ(seen.kinds, (std::vector<std::string_view>{"EMAIL", "US_SSN"}));
}

TEST(Content, WhatCannotBeReadIsTop) {
  EXPECT_EQ(look_at("{").label, top_label);
  EXPECT_EQ(look_at("").label, top_label);
  std::string deep = "x";
  for (int i = 0; i < 6; ++i) deep = json::write(json::Value{{"a", deep}});
  EXPECT_EQ(look_at(deep).label, top_label);
  EXPECT_EQ(words(look_at("{\"messages\":[{\"content\":\"" + std::string(4096, 'A') + "\"}]}")), "unscanned");
}

TEST(Content, NumbersAndKeysAreContentToo) {
  EXPECT_EQ(words(look_at(R"({"messages":[{"content":"x"}],"metadata":{"ssn":78051120,"patient ssn":"078051120"}})")), "pii");
  EXPECT_EQ(words(look_at(R"({"jo.doe@example.com":1})")), "pii");
}

TEST(Content, NumbersAreContent) {
  EXPECT_TRUE(look_at(R"({"card":4111111111111111})").label.covers(*label_named("pci", {})));
  EXPECT_EQ(look_at(R"({"max_tokens":4096})").label, public_label);
}

TEST(Memory, ALongConversationIsLookedAtOnce) {
  const std::string prose = "A paragraph about stacks and queues that says nothing of anybody. ";
  std::string text;
  for (int i = 0; i < 20; ++i) text += prose;
  const auto body = [](const std::string& first, const std::string& second) {
    return json::write(json::Value{{"messages", json::Array{json::Value{{"content", first}}, json::Value{{"content", second}}}}});
  };
  Memory memory(3);
  EXPECT_EQ(look_at(body(text, "hello"), &memory).label, public_label);
  EXPECT_EQ(memory.size(), 1U);
  // The same text again, and one that differs in a byte: the memory never answers for another text.
  EXPECT_EQ(look_at(body(text, "my ssn is 078-05-1120"), &memory).label, *label_named("pii", {}));
  EXPECT_EQ(look_at(body(text + "my ssn is 078-05-1120", "hello"), &memory).label, *label_named("pii", {}));
  EXPECT_EQ(look_at(body(text + "my ssn is 078-05-1120", "hello"), &memory).kinds, std::vector<std::string_view>{"US_SSN"});
  EXPECT_EQ(memory.size(), 2U);
  for (int i = 0; i < 10; ++i) look_at(body(text + std::to_string(i), "x"), &memory);
  EXPECT_EQ(memory.size(), 3U);
}

// The same under another key is another question: a number beside "ssn" is one.
TEST(Memory, WhereATextStandsIsPartOfIt) {
  const std::string text = std::string(600, 'x') + " 078051120";
  Memory memory;
  EXPECT_EQ(look_at(json::write(json::Value{{"part", std::string("078051120 ") + text}}), &memory).label, public_label);
  EXPECT_NE(look_at(json::write(json::Value{{"ssn", std::string("078051120 ") + text}}), &memory).label, public_label);
}

}  // namespace
}  // namespace ajar::policy

// sim/reply.cpp - making up an answer that satisfies the request.
#include "sim/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sim/chance.hpp"
#include "sim/schema.hpp"
#include "sim/tokens.hpp"

namespace ajar::sim {
namespace {

constexpr std::int64_t media_tokens = 256;  // an image, a page, some seconds of sound

// Goes on with sentences until the text has so many tokens. Every word is one token.
void fill(std::string& text, std::int64_t tokens, std::uint64_t seed) {
  constexpr std::array<std::string_view, 32> words{"the",   "river", "turns", "slow", "past",  "old",   "stone", "and",
                                                   "light", "falls", "over",  "a",    "quiet", "field", "where", "two",
                                                   "birds", "wait",  "for",   "rain", "or",    "wind",  "to",    "carry",
                                                   "them",  "home",  "while", "one",  "door",  "stays", "ajar",  "again"};
  std::int64_t have = count_tokens(text);
  for (int in_sentence = 0; have < tokens; ++have) {
    seed = mix(seed, 1);
    std::string_view word = words[seed % words.size()];
    if (!text.empty()) text.push_back(' ');
    text += word;
    if (in_sentence == 0) text[text.size() - word.size()] = static_cast<char>(word.front() - 'a' + 'A');
    const bool ends = have + 1 == tokens || (in_sentence >= 6 && (seed >> 32) % 6 == 0);
    if (ends) text.push_back('.');
    in_sentence = ends ? 0 : in_sentence + 1;
  }
}

std::string prose(const Ask& ask, const Behaviour& b, std::uint64_t seed) {
  if (b.text) return *b.text;
  std::string text = "This is a simulated answer; no model was asked.";
  if (!ask.results.empty())
    text += fmt::format(" The tools said: {}", clipped(join(ask.results, "; "), 200));
  else if (!ask.last_user.empty())
    text += fmt::format(" You wrote: \"{}\".", clipped(ask.last_user, 80));
  if (b.huge > 0) {
    const auto size = static_cast<std::size_t>(b.huge) << 20;
    std::string filler;
    fill(filler, 4096, seed);
    text.reserve(size + filler.size());
    while (text.size() < size) text.append(" ").append(filler);
    text.resize(size);
    return text;
  }
  fill(text, b.tokens, seed);
  return std::string(first_tokens(text, b.tokens));
}

// Does the text speak of the tool: its name as a word, as it is or with blanks for its underscores?
bool mentions(std::string_view text, std::string_view name) {
  const std::string lowered = to_lower(text);
  std::string wanted = to_lower(name);
  const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (int form = 0; form < 2; ++form) {
    for (std::size_t at = lowered.find(wanted); at != std::string::npos; at = lowered.find(wanted, at + 1)) {
      const std::size_t end = at + wanted.size();
      if ((at == 0 || !word(lowered[at - 1])) && (end == lowered.size() || !word(lowered[end]))) return true;
    }
    std::ranges::replace_if(wanted, [](char c) { return c == '_' || c == '-'; }, ' ');
  }
  return false;
}

ToolCall call_of(const Tool& tool, std::uint64_t seed) {
  ToolCall call{.id = letters_of(seed, 24), .name = tool.name, .arguments = {}, .custom = tool.custom};
  if (tool.custom)
    call.arguments = "simulated input";
  else
    call.arguments = json::write(tool.schema.is_object() ? instance_of(tool.schema, seed) : json::Value(json::Object{}));
  return call;
}

std::vector<ToolCall> calls_for(const Ask& ask, const Behaviour& b, std::uint64_t seed) {
  std::vector<ToolCall> calls;
  if (!ask.results.empty() || ask.tools.empty() || ask.choice == Ask::Choice::none) return calls;
  if (b.call.is_object()) {
    calls.push_back({.id = letters_of(seed, 24),
                     .name = std::string(b.call["name"].text()),
                     .arguments = json::write(b.call["arguments"].is_object() ? b.call["arguments"] : json::Value(json::Object{}))});
    return calls;
  }
  for (const Tool& tool : ask.tools)
    if (mentions(ask.last_user, tool.name)) calls.push_back(call_of(tool, mix(seed, calls.size() + 11)));
  if (calls.empty() && ask.choice == Ask::Choice::required) calls.push_back(call_of(ask.tools.front(), mix(seed, 11)));
  if (!ask.parallel && calls.size() > 1) calls.resize(1);
  return calls;
}

std::int64_t reasoning_tokens(std::string_view effort) {
  struct Row {
    std::string_view effort;
    std::int64_t tokens;
  };
  constexpr std::array<Row, 6> rows{{{"minimal", 8}, {"low", 16}, {"medium", 32}, {"high", 64}, {"xhigh", 96}, {"max", 128}}};
  for (const Row& row : rows)
    if (row.effort == effort) return row.tokens;
  return 32;
}

// Ends the text before the first stop sequence that occurs in it.
void apply_stops(const Ask& ask, Choice& choice) {
  std::size_t first = std::string::npos;
  for (const std::string& stop : ask.stops)
    if (const std::size_t at = choice.text.find(stop); at < first) first = at, choice.stop_sequence = stop;
  if (first != std::string::npos) choice.text.resize(first);
}

// Cuts the choice to the request's limit; gives its tokens of output (without those of reasoning).
std::int64_t apply_limit(const Ask& ask, Choice& choice, std::int64_t reasoning) {
  std::int64_t left = ask.max_tokens > 0 ? std::max<std::int64_t>(0, ask.max_tokens - reasoning) : std::int64_t{1} << 40, used = 0;
  const auto cut = [&](std::string& text) {
    const std::int64_t tokens = count_tokens(text);
    if (tokens > left) {
      text.resize(first_tokens(text, left).size());
      choice.finish = Finish::length;
      choice.stop_sequence.clear();
    }
    used += std::min(tokens, left);
    left -= std::min(tokens, left);
  };
  cut(choice.text);
  cut(choice.refusal);
  for (ToolCall& call : choice.calls) {
    used += 1;  // its name
    cut(call.arguments);
  }
  if (choice.finish == Finish::length) std::erase_if(choice.calls, [](const ToolCall& c) { return c.arguments.empty(); });
  return used;
}

Choice choice_of(const Ask& ask, const Behaviour& b, std::uint64_t seed) {
  Choice choice;
  if (ask.thinks() || b.think) {
    choice.reasoning = "Simulated reasoning:";
    fill(choice.reasoning, reasoning_tokens(ask.effort), mix(seed, 3));
    if (ask.max_tokens > 0) choice.reasoning = first_tokens(choice.reasoning, ask.max_tokens);
  }
  if (b.refuse) {
    choice.refusal = "I cannot help with that. (A simulated refusal.)";
    return choice;
  }
  choice.calls = calls_for(ask, b, seed);
  if (!choice.calls.empty()) {
    choice.finish = Finish::calls;
    return choice;
  }
  if (ask.schema)
    choice.text = json::write(instance_of(*ask.schema, seed));
  else if (ask.json_object)
    choice.text = json::write(json::Value{{"simulated", true}, {"answer", "no model was asked"}});
  else
    choice.text = prose(ask, b, seed);
  apply_stops(ask, choice);
  if (b.filter) choice.finish = Finish::filter;
  return choice;
}

}  // namespace

Reply reply_to(const Ask& ask, const Behaviour& b, const Occasion& occasion, PromptCache& cache) {
  Reply reply;
  reply.id = letters_of(mix(occasion.seed, occasion.number), 24);
  reply.created = std::chrono::duration_cast<std::chrono::seconds>(occasion.now.time_since_epoch()).count();
  const std::uint64_t seed = mix(mix(occasion.seed, ask.model), ask.last_user);
  for (std::int64_t i = 0; i < ask.choices; ++i) {
    Choice choice = choice_of(ask, b, mix(seed, static_cast<std::uint64_t>(i)));
    // Calls are linked by their ids, which no two answers share.
    for (std::size_t c = 0; c < choice.calls.size(); ++c)
      choice.calls[c].id = letters_of(mix(mix(occasion.seed, occasion.number), 100 * static_cast<std::uint64_t>(i + 1) + c), 24);
    const std::int64_t reasoning = count_tokens(choice.reasoning);
    reply.usage.reasoning += reasoning;
    reply.usage.output += apply_limit(ask, choice, reasoning);
    reply.choices.push_back(std::move(choice));
  }
  const std::int64_t input = std::max<std::int64_t>(1, estimate_tokens(ask.prompt.size())) + media_tokens * ask.media;
  const PromptCache::Seen seen = ask.caches || ask.cache_marked ? cache.look(ask.model, ask.prompt) : PromptCache::Seen{};
  reply.usage.cache_read = std::min(seen.read, input);
  if (ask.cache_marked)
    (ask.cache_hour ? reply.usage.cache_write_1h : reply.usage.cache_write_5m) = std::min(seen.written, input - reply.usage.cache_read);
  reply.usage.input = input - reply.usage.cache_read - reply.usage.cache_write_5m - reply.usage.cache_write_1h;
  reply.usage.reported = true;
  return reply;
}

std::optional<Piece> Pieces::next() {
  for (std::size_t tries = 0; tries < places_.size(); ++tries) {
    const std::size_t choice = turn_;
    turn_ = (turn_ + 1) % places_.size();
    if (auto piece = of(choice)) return piece;
  }
  return {};
}

std::optional<Piece> Pieces::of(std::size_t index) {
  const Choice& choice = reply_.choices[index];
  Place& place = places_[index];
  const std::array<const std::string*, 3> texts{&choice.reasoning, &choice.text, &choice.refusal};
  constexpr std::array kinds{Piece::Kind::reasoning, Piece::Kind::text, Piece::Kind::refusal};
  const auto bit = [&](std::string_view whole) {
    const std::string_view rest = whole.substr(place.at);
    const std::string_view token = rest.substr(0, token_length(rest));
    place.at += token.size();
    return token;
  };
  for (; place.part < 3; ++place.part, place.at = 0) {
    const auto part = static_cast<std::size_t>(place.part);
    if (place.at < texts[part]->size()) return Piece{kinds[part], index, 0, bit(*texts[part])};
  }
  for (; place.call < choice.calls.size(); ++place.call, place.part = 3) {
    const ToolCall& call = choice.calls[place.call];
    if (place.part == 3) {
      place.part = 4;
      place.at = 0;
      return Piece{Piece::Kind::call, index, place.call, call.name};
    }
    if (place.at < call.arguments.size()) return Piece{Piece::Kind::arguments, index, place.call, bit(call.arguments)};
  }
  return {};
}

Logprob logprob_of(std::string_view token) {
  const double value = -0.01 - 0.5 * share_of(mix(7, token));
  return {value, token == " the" ? " a" : " the", value - 1.5};
}

}  // namespace ajar::sim

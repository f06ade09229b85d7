// sim/reply.hpp - Reply: the neutral answer to an Ask; Pieces: the same answer bit by bit, for streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/usage.hpp"
#include "sim/ask.hpp"
#include "sim/prompt_cache.hpp"
#include "sim/script.hpp"

namespace ajar::sim {

enum class Finish : std::uint8_t { stop, length, calls, filter };

struct ToolCall {
  std::string id, name;
  std::string arguments;  // JSON, or free text of a custom tool
  bool custom = false;
};

struct Choice {
  std::string reasoning, text, refusal;
  std::vector<ToolCall> calls;
  Finish finish = Finish::stop;
  std::string stop_sequence;  // the one that ended it
};

struct Reply {
  std::string id;            // 24 letters; dialects put their prefix in front
  std::int64_t created = 0;  // seconds
  std::vector<Choice> choices;
  Usage usage;
};

// The answer to the request with this number. The same seed, behaviour, request and number give the same answer.
struct Occasion {
  std::uint64_t seed, number;
  WallTime now;
};
Reply reply_to(const Ask&, const Behaviour&, const Occasion&, PromptCache&);

// One bit of a streamed answer. Views point into the Reply.
struct Piece {
  enum class Kind : std::uint8_t { reasoning, text, refusal, call, arguments };  // call: a new one begins, its arguments follow
  Kind kind = Kind::text;
  std::size_t choice = 0, call = 0;
  std::string_view text;
};

// Choices take turns, as providers interleave them.
class Pieces {
 public:
  explicit Pieces(const Reply& reply) : reply_(reply), places_(reply.choices.size()) {}
  std::optional<Piece> next();

 private:
  struct Place {
    int part = 0;
    std::size_t at = 0, call = 0;
  };
  std::optional<Piece> of(std::size_t choice);
  const Reply& reply_;
  std::vector<Place> places_;
  std::size_t turn_ = 0;
};

struct Logprob {
  double value;
  std::string other;
  double other_value;
};
// Of a token of the answer, and of one that was not taken. Made up, the same for the same token.
Logprob logprob_of(std::string_view token);

}  // namespace ajar::sim

// wire/prepare.hpp - a caller's Chat request, read and checked once for every lane to another dialect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "wire/notes.hpp"
#include "wire/translation.hpp"

namespace ajar::wire {

// What a lane does with a top-level field of a Chat request.
enum class Fate : std::uint8_t { carried, quiet, dropped, refused };
using FateOf = Fate (*)(std::string_view field);

// The request as a tree whose shapes hold: parts, tools and calls are objects with the members that lanes read; the legacy
// functions, function_call and role "function" are tools; an empty list of tools is gone. Every field that is given and not
// carried has been noted or refused; values that say what holds anyway (null, false, n: 1) pass.
// Faults: bad_request with param.
Result<json::Value> prepare(const Envelope&, FateOf, Notes&);

// Puts the results of an assistant's calls behind it, one for each call and in the calls' order, as targets with turns demand.
// Faults: bad_request for a result without call and a call without result.
Status pair_results(json::Value& request);

// Short-hands over the request.
std::int64_t output_limit(const json::Value& request);   // max_completion_tokens ?? max_tokens; 0 = none
std::string_view effort_of(const json::Value& request);  // reasoning_effort; "" = none given
std::vector<std::string> stop_sequences(const json::Value& request);

// Custom tools as functions with one string, noted as emulated; gives their names.
std::vector<std::string> replace_custom_tools(json::Value& request, Notes&);

// In a list of at most `most` sequences that the target takes, the rest is for the gateway, with a note.
struct Stops {
  json::Array carried;
  std::vector<std::string> emulated;
};
Stops share_stops(const json::Value& request, std::size_t most, bool takes_blank, Notes&);

// A call of the history: its name and its arguments as an object, custom calls included.
struct PastCall {
  std::string_view id, name;
  json::Value arguments;
};
PastCall past_call(const json::Value& call, Notes&);

}  // namespace ajar::wire

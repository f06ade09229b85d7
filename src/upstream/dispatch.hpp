// upstream/dispatch.hpp - stage 6: tries the chosen deployments in order until the first content is in hand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "ledger/entry.hpp"
#include "net/client.hpp"
#include "policy/clear.hpp"
#include "route/choose.hpp"
#include "upstream/open.hpp"
#include "wire/translation.hpp"

namespace ajar::upstream {

struct Patience {
  Millis connect{5'000}, first_byte{120'000}, idle{60'000};
  int per_deployment = 2, total = 4;
  Millis backoff{200}, longest{5'000};
};

// What dispatch works on; everything outlives the exchange.
struct Order {
  wire::Dialect dialect;
  const wire::Envelope& envelope;
  const policy::Clearance& clearance;
  const route::Decision& decision;
  const route::Market& market;
  route::Health& health;
  net::Pool& pool;
  const Patience& patience;
  Instant deadline;  // of the whole exchange
  Trace trace;
  net::Source* caller = nullptr;  // cancels everything when it hangs up
  bool strict = false;            // a deployment that would lose a field of the request is not tried
};

// An answer of which the first content is known. A whole answer has `whole`; a stream has `call`, and `first` holds the caller's bytes so
// far.
struct Reply {
  const catalog::Deployment* deployment = nullptr;
  std::unique_ptr<wire::Translation> translation;
  std::unique_ptr<net::ClientCall> call;  // open while a stream runs
  std::unique_ptr<wire::Answer> whole;
  std::string first;
  std::vector<std::string> warnings;
  std::string upstream_id;  // the upstream's request id
};

// Every try is noted in `attempts`. Faults: that of the last attempt, or of the caller's mistake; cancelled when the caller went away.
net::Task<Result<Reply>> dispatch(const Order&, std::vector<ledger::Attempt>& attempts);

// The rest of a stream, one read at a time: the caller's bytes, valid until the next suspension; "" at the end. `by`: when it is given up,
// as next_by() says. Precondition: reply.call. To be awaited after reply.call->more(by, order.caller), so that nothing of it is held
// while the stream is silent.
Instant next_by(const Reply&, const Order&);
net::Task<Result<std::string_view>> next(Reply&, const Order&, Instant by);

}  // namespace ajar::upstream

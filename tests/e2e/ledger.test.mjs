// tests/e2e/ledger.test.mjs - the ledger agrees with what the caller saw, and survives kill -9; metrics agree with the ledger.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deployment, Gateway, keys, leaks, ledgerOf } from './lib/gateway.mjs';
import { deployAll, lanes } from './lib/lanes.mjs';
import { eventually, Program, run, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, patientUpstream } from './lib/upstream.mjs';

const say = (text) => [{ role: 'user', content: text }];
// Nano-dollars per token of the price rows that the catalogue has for these.
const prices = {
  openai: { input: 5000n, cached: 500n, output: 30000n },
  responses: { input: 5000n, cached: 500n, output: 30000n },
  own: { input: 2000n, cached: 250n, output: 7000n },
};

let gateway, client;
before(async () => {
  const sim = await startSim();
  const price = '[deployment.price]\ninput = 2.0\ncache_read = 0.25\noutput = 7.0\n';
  const priced = deployment('own', sim.address, { provider: 'vllm' }) + price;
  gateway = await Gateway.start((await deployAll()) + priced);
  client = gateway.client();
});
after(() => {
  closeUpstreams();
  return tidy();
});

async function askBoth(model, more) {
  const request = { model, messages: say('Tell me what it costs.'), ...more };
  const whole = await client.chat.completions.create(request).withResponse();
  const streamed = await client.chat.completions
    .create({ ...request, stream: true, stream_options: { include_usage: true } })
    .withResponse();
  let usage;
  for await (const event of streamed.data) usage = event.usage ?? usage;
  const entry = (response) => gateway.entry(response.headers.get('x-request-id'));
  return {
    whole: { usage: whole.data.usage, entry: await entry(whole.response) },
    streamed: { usage, entry: await entry(streamed.response) },
  };
}

const inputOf = ({ tokens }) => tokens.input + tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h;
const outputOf = ({ tokens }) => tokens.output + tokens.reasoning;

for (const { name, provider, model, counts } of [...lanes, { name: 'own', provider: 'vllm', model: 'sim-chat', counts: true }]) {
  test(`${name}: tokens and cost are those of the answer, streamed and whole alike`, async () => {
    const { whole, streamed } = await askBoth(name, counts ? { reasoning_effort: 'low' } : {});
    for (const { usage, entry } of [whole, streamed]) {
      assert.equal(inputOf(entry), usage.prompt_tokens);
      assert.equal(outputOf(entry), usage.completion_tokens);
      assert.equal(entry.tokens.cache_read, usage.prompt_tokens_details?.cached_tokens ?? 0);
      assert.equal(entry.tokens.reasoning, usage.completion_tokens_details?.reasoning_tokens ?? 0);
      assert.equal(entry.outcome, 'answered');
      assert.equal(entry.model, name);
      assert.equal(entry.deployment, name);
      assert.equal(entry.provider, provider);
      assert.equal(entry.upstream_model, model);
      assert.equal(entry.tenant, 'people');
      assert.equal(entry.key, 'me');
      assert.equal(entry.status, 200);
      assert.ok(entry.duration_us >= entry.first_token_us);
      const price = prices[name],
        priced = price || provider === 'anthropic' || provider === 'google';
      if (price) {
        const { input, cache_read, output, reasoning } = entry.tokens;
        assert.equal(
          BigInt(entry.cost_nanos),
          BigInt(input) * price.input + BigInt(cache_read) * price.cached + BigInt(output + reasoning) * price.output,
        );
      }
      if (!priced) {
        // nobody said what it costs: that is not nothing
        assert.equal(entry.cost_nanos, null);
        assert.equal(entry.price_id, '');
        assert.equal(entry.unpriced, true);
      } else {
        assert.ok(entry.price_id);
      }
    }
    assert.equal(streamed.entry.stream, true);
    assert.equal(whole.entry.stream, false);
    assert.equal(streamed.entry.cost_nanos, whole.entry.cost_nanos);
    assert.deepEqual(streamed.entry.tokens, whole.entry.tokens);
  });
}

test('cached tokens are counted once, and cheaper', async () => {
  const request = { model: 'openai', messages: say(`A long beginning. ${'All work and no play. '.repeat(400)}`) };
  await client.chat.completions.create(request);
  const { data, response } = await client.chat.completions.create(request).withResponse();
  const { cached_tokens } = data.usage.prompt_tokens_details;
  assert.ok(cached_tokens > 1000);
  const entry = await gateway.entry(response.headers.get('x-request-id'));
  assert.equal(entry.tokens.cache_read, cached_tokens);
  assert.equal(entry.tokens.input, data.usage.prompt_tokens - cached_tokens);
  const { input, cached, output } = prices.openai;
  assert.equal(
    BigInt(entry.cost_nanos),
    BigInt(entry.tokens.input) * input + BigInt(cached_tokens) * cached + BigInt(outputOf(entry)) * output,
  );
});

test('sum adds up what show lists, by whatever it is asked', async () => {
  const shown = await ledgerOf(gateway.home, 'show', '--limit', '1000');
  for (const by of ['model', 'deployment', 'tenant', 'key']) {
    const { groups, total } = await ledgerOf(gateway.home, 'sum', '--by', by);
    const cost = (rows) => rows.reduce((n, row) => n + BigInt(row.cost_nanos ?? 0), 0n);
    assert.equal(
      groups.reduce((n, row) => n + row.requests, 0),
      shown.length,
      by,
    );
    assert.equal(total.requests, shown.length, by);
    assert.equal(cost(groups), cost(shown), by);
    assert.equal(
      groups.reduce((n, row) => n + row.unpriced, 0),
      shown.filter((e) => e.unpriced).length,
      by,
    );
    for (const group of groups) assert.equal(group.requests, shown.filter((e) => e[by] === group[by]).length, `${by} ${group[by]}`);
  }
});

test('filters, csv and text', async () => {
  const some = await ledgerOf(gateway.home, 'show', '--model', 'own', '--limit', '100');
  assert.ok(some.length > 0 && some.every((e) => e.model === 'own'));
  assert.deepEqual(await ledgerOf(gateway.home, 'show', '--since', '2099-01-01'), []);
  const csv = await run(['ledger', 'show', '--home', gateway.home, '--csv', '--limit', '3']);
  assert.equal(csv.out.trim().split('\r\n').length, 4);
  assert.match(csv.out.split('\r\n')[0], /^[a-z0-9_]+(,[a-z0-9_]+)+$/);
  const text = await run(['ledger', 'show', '--home', gateway.home]);
  assert.match(text.out, /own/);
  assert.equal((await run(['ledger', 'show', '--home', gateway.home, '--since', 'yesterday-ish'])).code, 2);
});

test('tail tells new entries as they come', async () => {
  const tail = new Program(['ledger', 'tail', '--home', gateway.home, '--json', '--limit', '0']);
  const line = await eventually(async () => {
    // it has begun to look when it tells one
    const { response } = await client.chat.completions.create({ model: 'own', messages: say('Hi.') }).withResponse();
    await gateway.entry(response.headers.get('x-request-id'));
    return tail.out.split('\n').find((told) => told.includes('"req-'));
  }, 'tail tells nothing');
  assert.equal(JSON.parse(line).outcome, 'answered');
  await tail.stop();
});

test('metrics are there and agree with the ledger', async () => {
  const text = await gateway.metrics();
  const entries = await ledgerOf(gateway.home, 'show', '--deployment', 'own', '--limit', '1000');
  const value = (name, ...labels) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
        ?.split(' ')
        .at(-1) ?? NaN,
    );
  assert.equal(value('ajar_exchanges_total', 'deployment="own"', 'outcome="answered"'), entries.length);
  assert.equal(
    value('gen_ai_client_token_usage_total', 'deployment="own"', 'gen_ai_token_type="input"'),
    entries.reduce((n, e) => n + inputOf(e), 0),
  );
  assert.equal(
    value('ajar_cost_nanodollars_total', 'deployment="own"'),
    entries.reduce((n, e) => n + Number(e.cost_nanos), 0),
  );
  for (const word of Object.values(keys)) assert.ok(!text.includes(word));
});

const idOf = (entry) => entry.id;

test('kill -9 under load loses no settled row, keeps those that were running as open, and the database can be made anew', async () => {
  const sim = await startSim(['--latency-ms', '5', '--jitter-ms', '20']);
  const patient = await patientUpstream();
  const crash = await Gateway.start(deployment('m', sim.address) + deployment('patient', patient.address, { provider: 'vllm' }));
  const ask = (model, id) => crash.client().chat.completions.create({ model, messages: say('Hi.') }, { headers: { 'x-request-id': id } });
  const hanging = ['open-1', 'open-2', 'open-3'];
  const lost = hanging.map((id) => ask('patient', id).catch(() => {}));
  await eventually(() => patient.calls.length === hanging.length, 'the upstream was not called');

  let number = 0,
    going = true;
  const answered = [];
  const worker = async () => {
    while (going) {
      const id = `load-${(number += 1)}`;
      try {
        await ask('m', id);
        answered.push(id);
      } catch {
        return; // killed
      }
    }
  };
  const workers = Array.from({ length: 16 }, worker);
  await eventually(() => answered.length > 300, 'there is no load');
  // What is settled for sure: each connection has sent its next request, so the exchange before it is over.
  const sure = answered.slice(0, answered.length - workers.length);
  await crash.stop('SIGKILL');
  going = false;
  await Promise.all([...workers, ...lost]);

  await crash.launch();
  const ids = (list) => new Set(list.map(idOf));
  const check = async () => {
    const entries = await ledgerOf(crash.home, 'show', '--limit', '100000');
    const settled = ids(entries.filter((e) => e.outcome === 'answered'));
    assert.deepEqual(
      sure.filter((id) => !settled.has(id)),
      [],
      'settled rows are lost',
    );
    const open = ids(entries.filter((e) => e.outcome === 'open'));
    assert.deepEqual(
      hanging.filter((id) => !open.has(id)),
      [],
      'open rows are lost',
    );
    assert.equal(entries.length, ids(entries).size, 'rows are there twice');
    return entries;
  };
  const first = await eventually(check);
  assert.equal((await ask('m', 'after')).object, 'chat.completion');
  await crash.entry('after');
  assert.equal((await crash.stop()).code, 0);

  for (const file of readdirSync(crash.home).filter((name) => name.startsWith('ledger.db'))) rmSync(path.join(crash.home, file));
  assert.equal((await run(['ledger', 'rebuild', '--home', crash.home])).code, 0);
  const again = await check();
  const known = new Map(again.map((e) => [e.id, e]));
  for (const entry of first) assert.deepEqual(known.get(entry.id), entry);
});

test('on a full disk nothing is sent that could not be written down; when there is room again it goes on', async () => {
  const sim = await startSim();
  // The files' size is limited instead of the disk's; a program that does not ignore XFSZ would be ended by it.
  const under = ['bash', '-c', 'trap "" XFSZ; exec "$@"', 'bash'];
  const full = await Gateway.start(deployment('m', sim.address), { under });
  const limit = (bytes) => run([`--pid=${full.program.child.pid}`, `--fsize=${bytes}:unlimited`], { file: 'prlimit' });
  const answered = [];
  const ask = async () => {
    const id = `full-${answered.length}`;
    const answer = await full.post({ model: 'm', messages: say('Hi.') }, { 'x-request-id': id });
    if (answer.status === 200) answered.push(id);
    return answer;
  };
  assert.equal((await ask()).status, 200);
  assert.equal((await limit(0)).code, 0);
  const refused = await eventually(async () => {
    const answer = await ask();
    return answer.status === 200 ? undefined : answer;
  }, 'nothing is refused');
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).error.code, 'ledger_unavailable');
  const ready = await fetch(`${full.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.match(await ready.text(), /ledger/);
  assert.equal((await (await fetch(`http://${sim.address}/sim/stats`)).json()).requests, answered.length);

  await limit('unlimited');
  await eventually(async () => (await fetch(`${full.url}/readyz`)).status === 200, 'it is not ready again');
  assert.equal((await ask()).status, 200);
  await full.entry(answered.at(-1));
  const settled = new Set((await ledgerOf(full.home, 'show', '--limit', '1000')).filter((e) => e.outcome === 'answered').map(idOf));
  assert.deepEqual(
    answered.filter((id) => !settled.has(id)),
    [],
  );
});

test('no key is in any output, file or metric', () => assert.deepEqual(leaks(), []));

test('a plan takes what the ledger holds, and says when that is too little', async () => {
  const told = await run(['plan', '--from-ledger', '--home', gateway.home]);
  assert.equal(told.code, 2, told.out);
  // The exchanges of this file took seconds.
  assert.match(told.err, /s of requests say nothing of a month/);
  const none = await run(['plan', '--from-ledger', '--home', gateway.home, '--since', 'yesterday']);
  assert.equal(none.code, 2);
  assert.match(none.err, /--since yesterday: not a time/);
});

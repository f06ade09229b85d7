// tests/e2e/fallback.test.mjs - retries, fallback along a route, and callers that go away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { deployment, Gateway, keys, leaks } from './lib/gateway.mjs';
import { eventually, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, emptyPlace, patientUpstream } from './lib/upstream.mjs';

const say = (text) => [{ role: 'user', content: text }];
const route = (name, ...order) => `\n[[route]]\nname = "${name}"\norder = ${JSON.stringify(order)}\n`;
const settings = `
[deadlines]
first_byte = "500ms"
[retries]
per_deployment = 2
total = 12
backoff = "5ms"
`;

let gateway, client, patient;
before(async () => {
  const sim = await startSim();
  patient = await patientUpstream();
  const broken = ['fail-500', 'fail-503', 'fail-429-retry-60', 'fail-401', 'close', 'garbage', 'silent', 'context'];
  let toml =
    settings +
    deployment('good', sim.address) +
    deployment('gone', await emptyPlace()) +
    deployment('patient', patient.address, { provider: 'vllm', key: 'env:UPSTREAM_KEY' });
  for (const words of broken)
    toml += deployment(words, sim.address, { upstream_model: `sim-${words}` }) + route(`after-${words}`, words, 'good');
  for (const words of ['fail-503-first-1', 'garbage-first-1']) toml += deployment(words, sim.address, { upstream_model: `sim-${words}` });
  toml +=
    deployment('cuts', sim.address, { upstream_model: 'sim-cut-5' }) + deployment('late', sim.address, { upstream_model: 'sim-fail-400' });
  toml +=
    route('after-gone', 'gone', 'good') +
    route('after-cut', 'cuts', 'good') +
    route('both-bad', 'fail-500', 'gone') +
    route('long', 'gone', 'close', 'garbage', 'good');
  gateway = await Gateway.start(toml);
  client = gateway.client();
});
after(() => {
  closeUpstreams();
  return tidy();
});

const ask = (model, more = {}, options) =>
  client.chat.completions.create({ model, messages: say('Hello.'), ...more }, options).withResponse();

for (const words of ['fail-500', 'fail-503', 'fail-429-retry-60', 'fail-401', 'close', 'garbage', 'silent', 'context', 'gone']) {
  test(`when the first answers with "${words}" the second does it, whole and streamed`, async () => {
    const { data, response } = await ask(`after-${words}`);
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.equal(response.headers.get('x-ajar-deployment'), 'good');
    const entry = await gateway.entry(response.headers.get('x-request-id'));
    assert.equal(entry.outcome, 'answered');
    assert.equal(entry.deployment, 'good');
    assert.equal(entry.attempts.at(-1).deployment, 'good');
    if (entry.attempts.length > 1) assert.equal(entry.attempts[0].deployment, words); // else its circuit breaker was open already

    const streamed = await ask(`after-${words}`, { stream: true });
    let text = '';
    for await (const event of streamed.data) text += event.choices[0]?.delta?.content ?? '';
    assert.equal(text, data.choices[0].message.content);
    assert.equal(streamed.response.headers.get('x-ajar-deployment'), 'good');
  });
}

test('a passing failure is tried again at the same place', async () => {
  for (const name of ['fail-503-first-1', 'garbage-first-1']) {
    const { response } = await ask(name);
    const entry = await gateway.entry(response.headers.get('x-request-id'));
    assert.deepEqual(
      entry.attempts.map((a) => a.deployment),
      [name, name],
    );
    assert.equal(response.headers.get('x-ajar-deployment'), name);
  }
});

test('when all fail, the error is that of the last, and all attempts are in the ledger', async () => {
  const error = await ask('both-bad').then(
    () => assert.fail('answered'),
    (e) => e,
  );
  assert.ok(error instanceof OpenAI.InternalServerError);
  const entry = await gateway.entry(error.headers.get('x-request-id'));
  assert.ok(entry.attempts.some((a) => a.deployment === 'gone'));
  assert.equal(entry.outcome, 'failed');
});

test('a chain is walked to its end', async () => {
  const { response } = await ask('long');
  assert.equal(response.headers.get('x-ajar-deployment'), 'good');
});

test('after the first content there is no silent fallback: the stream ends with an error', async () => {
  const { data, response } = await ask('after-cut', { stream: true });
  let text = '';
  await assert.rejects(async () => {
    for await (const event of data) text += event.choices[0]?.delta?.content ?? '';
  }, OpenAI.APIError);
  assert.ok(text.length > 0);
  const entry = await gateway.entry(response.headers.get('x-request-id'));
  assert.equal(entry.outcome, 'cut');
  assert.equal(entry.deployment, 'cuts');
});

test('a request that the first refuses as wrong is not sent around', async () => {
  const error = await ask('late').then(
    () => assert.fail('answered'),
    (e) => e,
  );
  assert.ok(error instanceof OpenAI.BadRequestError);
  const entry = await gateway.entry(error.headers.get('x-request-id'));
  assert.equal(entry.attempts.length, 1);
});

const nextCall = async (before) => eventually(() => patient.calls[before], 'the upstream was not called');

test('a caller that goes away in the middle of a stream cancels the upstream call, and is settled', async () => {
  const number = patient.calls.length;
  const abort = new AbortController();
  const pending = ask('patient', { stream: true }, { signal: abort.signal });
  const call = await nextCall(number);
  call.say('Once upon a time');
  const { data, response } = await pending;
  let text = '';
  for await (const event of data) {
    // the client ends the iteration quietly when it was its own doing
    text += event.choices[0]?.delta?.content ?? '';
    abort.abort();
  }
  assert.equal(text, 'Once upon a time');
  await eventually(() => call.closed, 'the upstream call goes on');
  const entry = await gateway.entry(response.headers.get('x-request-id'));
  assert.equal(entry.outcome, 'cancelled');
  assert.equal(entry.deployment, 'patient');
});

test('so does one that goes away before anything has come, streamed or not', async () => {
  for (const stream of [true, false]) {
    const number = patient.calls.length;
    const abort = new AbortController();
    const pending = ask('patient', { stream }, { signal: abort.signal, headers: { 'x-request-id': `gone-${stream}` } });
    const call = await nextCall(number);
    abort.abort();
    await assert.rejects(pending, OpenAI.APIUserAbortError);
    await eventually(() => call.closed, 'the upstream call goes on');
    assert.equal((await gateway.entry(`gone-${stream}`)).outcome, 'cancelled');
  }
});

test('a request id and a trace travel, the key of the caller does not', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const number = patient.calls.length;
  const pending = ask('patient', {}, { headers: { 'x-request-id': 'id-of-mine', traceparent } });
  const call = await nextCall(number);
  call.finish();
  const { response } = await pending;
  assert.equal(response.headers.get('x-request-id'), 'id-of-mine');
  assert.equal(call.headers['x-request-id'], 'id-of-mine');
  assert.equal(call.headers.traceparent, traceparent);
  assert.equal(call.headers.authorization, `Bearer ${keys.upstream}`);
  assert.ok(!JSON.stringify(call.headers).includes(keys.me));
});

test('a stop drains: what runs is finished, and then the program ends', async () => {
  const number = patient.calls.length;
  const pending = ask('patient', { stream: true });
  const call = await nextCall(number);
  call.say('Still');
  const { data } = await pending;
  gateway.program.child.kill('SIGTERM');
  await gateway.program.until(/drain/);
  call.say(' here');
  call.finish();
  let text = '';
  for await (const event of data) text += event.choices[0]?.delta?.content ?? '';
  assert.equal(text, 'Still here');
  assert.equal((await gateway.program.ended).code, 0);
});

test('no key is in any output or file', () => assert.deepEqual(leaks(), []));

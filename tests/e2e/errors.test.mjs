// tests/e2e/errors.test.mjs - each way to fail, as the error class that the official client throws for it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { deployment, Gateway, keys, leaks } from './lib/gateway.mjs';
import { deployAll, lanes } from './lib/lanes.mjs';
import { eventually, tidy } from './lib/program.mjs';
import { closeUpstreams, emptyPlace, patientUpstream } from './lib/upstream.mjs';

const say = (text) => [{ role: 'user', content: text }];
const settings = `
[limits]
body = "64KiB"
[deadlines]
first_byte = "1s"
idle = "1s"
connect = "2s"
[retries]
per_deployment = 1
`;

const people = `
[[tenant]]
name = "people"
[[key]]
name = "me"
tenant = "people"
secret = "env:KEY_OF_ME"
[[key]]
name = "one at a time"
tenant = "people"
secret = "env:KEY_OF_WARD"
max_in_flight = 1
`;

let gateway, client, patient;
before(async () => {
  patient = await patientUpstream();
  const toml = (await deployAll()) + deployment('gone', await emptyPlace()) + deployment('patient', patient.address, { provider: 'vllm' });
  gateway = await Gateway.start(`${settings}${people}${toml}`);
  client = gateway.client();
});
after(() => {
  closeUpstreams();
  return tidy();
});

const ask = (text, more = {}, by = client) => by.chat.completions.create({ model: 'openai', messages: say(text), ...more });

// The error that a call must end with. `wanted`: its fields.
async function failure(promise, kind, wanted) {
  const error = await promise.then(
    (answer) => assert.fail(`it was answered: ${JSON.stringify(answer)}`),
    (e) => e,
  );
  assert.ok(error instanceof kind, `${error?.stack}`);
  for (const [key, value] of Object.entries(wanted)) {
    if (value instanceof RegExp) assert.match(String(error[key]), value);
    else assert.equal(error[key], value, `${key} of: ${error.message}`);
  }
  return error;
}

test('a wrong key is 401, and no word more than needed', async () => {
  const error = await failure(ask('Hi.', {}, gateway.client('ajar-nobody')), OpenAI.AuthenticationError, {
    status: 401,
    code: 'invalid_api_key',
  });
  assert.ok(!error.message.includes('ajar-nobody'));
  const bare = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
  assert.equal(bare.status, 401);
  assert.equal((await fetch(`${gateway.url}/v1/models`)).status, 401);
});

test('an unknown model is 404 and tells which there are', async () => {
  await failure(ask('Hi.', { model: 'gpt-nonsense' }), OpenAI.NotFoundError, {
    status: 404,
    code: 'model_not_found',
    param: 'model',
    message: /anthropic, compatible/,
  });
});

test('an unknown path is 404 and tells which there are; a wrong method is 405', async () => {
  const path = await fetch(`${gateway.url}/v1/embeddings`, { method: 'POST', headers: { authorization: `Bearer ${keys.me}` }, body: '{}' });
  assert.equal(path.status, 404);
  assert.match((await path.json()).error.message, /chat\/completions/);
  const method = await fetch(`${gateway.url}/v1/chat/completions`, { headers: { authorization: `Bearer ${keys.me}` } });
  assert.equal(method.status, 405);
  assert.equal(method.headers.get('allow'), 'POST');
});

test('wrong requests are 400 and name the field', async () => {
  await failure(ask('', { messages: 'hello' }), OpenAI.BadRequestError, { status: 400, param: /messages/ });
  await failure(ask('', { messages: [] }), OpenAI.BadRequestError, { status: 400, param: /messages/ });
  await failure(ask('Hi.', { model: 7 }), OpenAI.BadRequestError, { status: 400, param: 'model' });
  await failure(ask('Hi.', { stream: 'yes' }), OpenAI.BadRequestError, { status: 400, param: 'stream' });
});

test('what is no JSON, or JSON that two readers read in two ways, is 400', async () => {
  const deep = '['.repeat(3000) + ']'.repeat(3000);
  const bad = {
    'cut off': '{"model": "openai", "messages": [',
    'a list': '[1, 2]',
    'a key twice': '{"model": "openai", "model": "vllm", "messages": [{"role": "user", "content": "Hi."}]}',
    'a key twice, deep': '{"model": "openai", "messages": [{"role": "user", "role": "system", "content": "Hi."}]}',
    'bytes that are no UTF-8': Buffer.from('7b226d6f64656c223a22ff227d', 'hex'),
    'a comma too many': '{"model": "openai", "messages": [{"role": "user", "content": "Hi."},]}',
    'after the end': '{"model": "openai", "messages": [{"role": "user", "content": "Hi."}]} {}',
    'very deep': `{"model": "openai", "messages": [{"role": "user", "content": "Hi."}], "metadata": ${deep}}`,
  };
  for (const [what, body] of Object.entries(bad)) {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.me}` },
      body,
    });
    assert.equal(answer.status, 400, what);
    const { error } = await answer.json();
    assert.equal(error.type, 'invalid_request_error', what);
    assert.ok(error.message.length > 10, what);
  }
});

test('a body that is too large is 413', async () => {
  await failure(ask('x'.repeat(70_000)), OpenAI.APIError, { status: 413, code: /too_large/ });
});

test('an unknown label is 400, not ignored', async () => {
  await failure(
    client.chat.completions.create({ model: 'vllm', messages: say('Hi.') }, { headers: { 'Ajar-Label': 'phii' } }),
    OpenAI.BadRequestError,
    { status: 400, message: /Ajar-Label.*phi, /s },
  );
});

// A stream that breaks after four pieces of content.
async function hit(model, what, code) {
  const { data, response } = await ask(`Go. [sim ${what} 4]`, { model, stream: true }).withResponse();
  let text = '';
  const reading = (async () => {
    for await (const event of data) text += event.choices[0]?.delta?.content ?? '';
  })();
  const error = await failure(reading, OpenAI.APIError, { code });
  assert.match(text, /^This is a/);
  assert.ok(error.message.length > 5);
  const entry = await gateway.entry(response.headers.get('x-request-id'));
  assert.equal(entry.outcome, 'cut');
}

for (const { name } of lanes) {
  const at = (text, more) => ask(text, { model: name, ...more });

  test(`${name}: a rate limit is 429 with Retry-After`, async () => {
    const error = await failure(at('[sim fail 429 retry 7]'), OpenAI.RateLimitError, { status: 429 });
    assert.equal(error.headers.get('retry-after'), '7');
  });

  test(`${name}: what fails there is 5xx here, never 401`, async () => {
    await failure(at('[sim fail 500]'), OpenAI.InternalServerError, { status: 502, code: 'upstream_error' });
    await failure(at('[sim fail 503]'), OpenAI.InternalServerError, { status: 503 });
    const error = await failure(at('[sim fail 401]'), OpenAI.InternalServerError, { status: 502, code: 'upstream_auth' });
    assert.ok(!error.message.includes(keys.upstream));
    await failure(at('[sim close]'), OpenAI.InternalServerError, { status: 502 });
    await failure(at('[sim garbage]'), OpenAI.InternalServerError, { status: 502 });
    await failure(at('[sim malformed]'), OpenAI.InternalServerError, { status: 502 });
  });

  test(`${name}: a prompt that is too long is 400 with its own code`, async () => {
    await failure(at('[sim context]'), OpenAI.BadRequestError, { status: 400, code: 'context_length_exceeded' });
  });

  for (const [what, code] of [
    ['cut', /upstream_error/],
    ['malformed', /upstream_error/],
    ['error', /.+/],
  ])
    test(`${name}: a stream that is hit by "${what}" in the middle throws, after what had come`, () => hit(name, what, code));

  test(`${name}: an error before the first content is an error of its own, not a broken stream`, async () => {
    await failure(at('[sim error 0]', { stream: true }), OpenAI.APIError, { status: /^(4|5)\d\d$/ });
  });
}

// All at once: each waits for a deadline.
test('silence before the first content is 504', () =>
  Promise.all(
    lanes.flatMap(({ name }) =>
      [false, true].map((stream) =>
        failure(ask('[sim silent]', { model: name, stream }), OpenAI.InternalServerError, { status: 504, code: 'timeout' }),
      ),
    ),
  ));

test('a stream that falls silent throws', () => Promise.all(lanes.map(({ name }) => hit(name, 'stall', /timeout/))));

test('an unreachable deployment is 502, and no address of ours is told', async () => {
  const error = await failure(ask('Hi.', { model: 'gone' }), OpenAI.InternalServerError, { status: 502, code: 'upstream_error' });
  assert.doesNotMatch(error.message, /127\.0\.0\.1/);
});

test('a key that is busy up to its limit is 429, and free again afterwards', async () => {
  const by = gateway.client(keys.ward);
  const first = ask('Hi.', { model: 'patient', stream: true }, by);
  const call = await eventually(() => patient.calls.at(-1), 'the upstream was not called');
  call.say('Hello');
  const stream = await first;
  await failure(ask('Hi.', {}, by), OpenAI.RateLimitError, { status: 429 });
  call.finish();
  for await (const event of stream) assert.ok(event);
  assert.equal((await eventually(() => ask('Hi.', {}, by).catch((e) => e.status !== 429 && assert.fail(e)))).object, 'chat.completion');
});

test('failed exchanges are logged once and in the ledger, without content', async () => {
  const error = await failure(ask('A secret wish. [sim fail 500]'), OpenAI.InternalServerError, { status: 502 });
  const id = error.headers.get('x-request-id');
  const entry = await gateway.entry(id);
  assert.equal(entry.outcome, 'failed');
  assert.equal(entry.fault, 'upstream_unavailable');
  assert.equal(entry.status, 502);
  assert.equal(gateway.program.err.split(id).length - 1, 1);
  assert.deepEqual(leaks([...Object.values(keys), 'A secret wish']), []);
});

test('after all that, the gateway serves', async () => {
  assert.equal((await ask('Hello.')).choices[0].finish_reason, 'stop');
  assert.equal((await fetch(`${gateway.url}/readyz`)).status, 200);
  assert.equal(gateway.program.status, undefined);
});

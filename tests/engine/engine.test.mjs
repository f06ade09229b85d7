// tests/engine/engine.test.mjs - llama.cpp's server behind Ajar: found, asked, streamed, cancelled, and written down.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { entryOf, OpenAI } from '../e2e/lib/gateway.mjs';
import { eventually, folder, Program, root, tidy } from '../e2e/lib/program.mjs';

const place = path.join(root, 'build/engine');
const name = 'tiny-random-llama';
let engine, address, gateway, client, home;

// The server's address, as soon as it says it.
function startEngine() {
  engine = spawn(path.join(place, 'venv/bin/python'), [path.join(root, 'tests/engine/server.py'), path.join(place, 'tiny.gguf'), name], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let out = '',
      err = '';
    engine.stderr.on('data', (text) => {
      err += text;
    });
    engine.stdout.on('data', (text) => {
      out += text;
      const found = out.match(/http:\/\/(\S+)\n/);
      if (found) resolve(found[1]);
    });
    engine.on('exit', (code) => reject(new Error(`the engine ended with ${code}:\n${err}`)));
  });
}

before(async () => {
  address = await startEngine();
  home = folder('engine');
  gateway = new Program(['up', '--listen', '127.0.0.1:0'], { env: { AJAR_HOME: home, AJAR_ENGINES: address } });
  const [, url] = await gateway.until(/address +(http:\/\/\S+)/);
  const [, key] = await gateway.until(/key +(ajar-\S+)/);
  client = new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0, timeout: 30_000 });
});
after(async () => {
  await tidy();
  engine?.kill('SIGKILL');
});

const request = (more) => ({ model: name, messages: [{ role: 'user', content: 'What is in the letter?' }], ...more });
const words = /^( ?[a-z]+)+$/; // the tiny model knows nothing else

test('it is found and known for what it is', async () => {
  assert.match(gateway.out, new RegExp(`llamacpp at http://${address} with ${name}`));
  const { data } = await client.models.list();
  assert.ok(
    data.some((m) => m.id === name && m.owned_by === 'llamacpp'),
    JSON.stringify(data),
  );
});

test('a whole chat', async () => {
  const { data, response } = await client.chat.completions.create(request({ max_tokens: 12 })).withResponse();
  assert.match(data.choices[0].message.content, words);
  assert.equal(data.choices[0].finish_reason, 'length');
  assert.equal(data.usage.completion_tokens, 12);
  assert.ok(data.usage.prompt_tokens > 20);
  assert.equal(data.model, name);
  assert.equal(response.headers.get('x-ajar-simulated'), null);
});

test('a streamed chat: tokens one by one, usage at the end, the ledger says the same', async () => {
  const { data, response } = await client.chat.completions
    .create(request({ max_completion_tokens: 24, stream: true, stream_options: { include_usage: true } }))
    .withResponse();
  let text = '',
    pieces = 0,
    usage,
    finish;
  for await (const event of data) {
    const choice = event.choices[0];
    if (choice?.delta.content) {
      text += choice.delta.content;
      pieces += 1;
    }
    finish ??= choice?.finish_reason;
    usage ??= event.usage;
  }
  assert.match(text, words);
  assert.ok(pieces >= 20, `${pieces} pieces`);
  assert.equal(finish, 'length');
  assert.equal(usage.completion_tokens, 24);
  const entry = await entryOf(home, response.headers.get('x-request-id'));
  assert.equal(entry.outcome, 'answered');
  assert.equal(entry.zone, 'own');
  assert.equal(entry.hosting, 'own');
  assert.equal(entry.provider, 'llamacpp');
  assert.equal(entry.simulated, false);
  assert.equal(entry.tokens.input + entry.tokens.cache_read, usage.prompt_tokens);
  assert.equal(entry.tokens.output, 24);
});

test('the same prompt again: the engine tells what it had cached, and it is not counted twice', async () => {
  const first = request({ max_tokens: 4, temperature: 0 });
  await client.chat.completions.create(first);
  const { data, response } = await client.chat.completions.create(first).withResponse();
  const cached = data.usage.prompt_tokens_details.cached_tokens;
  assert.ok(cached > 0);
  const entry = await entryOf(home, response.headers.get('x-request-id'));
  assert.equal(entry.tokens.cache_read, cached);
  assert.equal(entry.tokens.input, data.usage.prompt_tokens - cached);
});

test('log probabilities, as the engine computes them', async () => {
  const { choices } = await client.chat.completions.create(request({ max_tokens: 5, logprobs: true, top_logprobs: 3 }));
  const told = choices[0].logprobs.content;
  assert.equal(told.map((t) => t.token).join(''), choices[0].message.content);
  assert.ok(told.every((t) => t.logprob < 0 && t.top_logprobs.length === 3));
});

test("structured output, by the engine's own grammar", async () => {
  const schema = { type: 'object', properties: { open: { type: 'boolean' } }, required: ['open'], additionalProperties: false };
  const { choices } = await client.chat.completions.create(
    request({ max_tokens: 200, response_format: { type: 'json_schema', json_schema: { name: 'door', schema, strict: true } } }),
  );
  assert.equal(typeof JSON.parse(choices[0].message.content).open, 'boolean');
});

test('a prompt that does not fit is refused as such', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: name, messages: [{ role: 'user', content: 'the patient '.repeat(2000) }] }),
    (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.code, 'context_length_exceeded');
      return true;
    },
  );
});

test("who goes away stops the engine's work", async () => {
  const abort = new AbortController();
  const { data, response } = await client.chat.completions
    .create(request({ max_tokens: 900, stream: true }), { signal: abort.signal })
    .withResponse();
  for await (const event of data) if (event.choices[0]?.delta.content) abort.abort();
  const entry = await entryOf(home, response.headers.get('x-request-id'));
  assert.equal(entry.outcome, 'cancelled');
  await eventually(
    async () => /requests_processing 0\b/.test(await (await fetch(`http://${address}/metrics`)).text()),
    'the engine still works',
  );
});

test('when the engine is gone, the caller is told, and the gateway stays', async () => {
  engine.removeAllListeners('exit');
  const gone = new Promise((resolve) => {
    engine.once('exit', resolve);
  });
  engine.kill('SIGKILL');
  await gone;
  await assert.rejects(client.chat.completions.create(request({ max_tokens: 4 })), (error) => {
    assert.equal(error.status, 502);
    return true;
  });
  assert.equal((await client.models.list()).data.length > 0, true);
});

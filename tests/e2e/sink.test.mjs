// tests/e2e/sink.test.mjs - the sink test: closed providers record every byte, and none of what is sensitive is among them, wherever in a
// request it stands.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deployment, Gateway, keys } from './lib/gateway.mjs';
import { root, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, recorder } from './lib/upstream.mjs';

const read = (file) =>
  readFileSync(path.join(root, file), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const positions = read('tests/policy/positions.jsonl').filter((p) => /chat\/completions|\/messages$|:generateContent|\/responses$/.test(p.path ?? ''));
const payloads = ['my ssn is 078-05-1120', 'pay with 4111 1111 1111 1111', 'jo.doe@example.com is the address', 'IBAN GB82 WEST 1234 5698 7654 32', 'password: Summer7879#x', 'MRN: 19653731'];

let gateway, replacing, outside;
before(async () => {
  const sim = await startSim();
  outside = await recorder();
  const closed = (name, provider, model) => deployment(name, outside.address, { provider, model, key: 'env:UPSTREAM_KEY' });
  const start = (rules) =>
    Gateway.start(
    `[retries]\nper_deployment = 1\n[detection]\non = true\n${rules}\n` +
      closed('claude', 'anthropic', 'claude-opus-5') +
      closed('gpt', 'openai', 'gpt-5.5') +
      closed('gemini', 'google', 'gemini-3.1-pro-preview') +
      deployment('home', sim.address, { provider: 'vllm', abilities: ['tools', 'structured', 'images', 'files', 'audio'] }) +
      ['claude', 'gpt', 'gemini']
        .map((first) => `\n[[route]]\nname = "first-${first}"\norder = ${JSON.stringify([...new Set([first, 'claude', 'gpt', 'gemini', 'home'])])}\n`)
        .join(''),
    );
  gateway = await start('refuse = ["secret"]');
  replacing = await start('pseudonymise = ["pii", "phi", "pci", "secret"]');
});
after(() => {
  closeUpstreams();
  return tidy();
});

const inUrl = (text) => [...Buffer.from(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');
const inJson = (text) => JSON.stringify(text).slice(1, -1);
const inUnicode = (text) => [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

// The position's body with a payload in it, as text.
function filled({ body }, payload) {
  const raw = typeof body === 'string';
  const once = raw ? payload : inJson(payload);
  return (raw ? body : JSON.stringify(body))
    .replaceAll('{{PAYLOAD}}', once)
    .replaceAll('{{PAYLOAD|json}}', raw ? inJson(payload) : inJson(inJson(payload)))
    .replaceAll('{{PAYLOAD|jsonu}}', inUnicode(payload))
    .replaceAll('{{PAYLOAD|url}}', inUrl(payload))
    .replaceAll('{{PAYLOAD|base64}}', Buffer.from(payload).toString('base64'))
    .replaceAll('"{{PAYLOAD|token_ids}}"', '3666,274,264,374,220,24405,12,2304,12')
    .replaceAll('{{PAYLOAD_HEAD}}', inJson(payload.slice(0, -6)))
    .replaceAll('{{PAYLOAD_TAIL}}', inJson(payload.slice(-6)))
    .replace(/\{\{[A-Z_]+\}\}/g, 'iVBORw0KGgo=');
}

async function send(position, text, model, headers = {}, to = gateway) {
  const address = position.path.replace('/auto:', `/${model}:`);
  return fetch(to.url + address, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.me}`, 'x-api-key': keys.me, 'x-goog-api-key': keys.me, 'content-type': 'application/json', ...headers },
    body: text.replaceAll(/"model"\s*:\s*"auto"/g, `"model":"${model}"`),
  });
}

test('what is found in any position reaches no closed provider', async () => {
  let sent = 0;
  for (const position of positions)
    for (const [i, payload] of payloads.entries()) {
      const text = filled(position, payload);
      if (text === filled(position, 'other text of another length')) continue; // nothing of it is in the body
      const response = await send(position, text, ['first-claude', 'first-gpt', 'first-gemini'][i % 3]);
      await response.text();
      sent += 1;
      assert.equal(outside.bytes.length, 0, `${position.id} ${position.position}: ${text}`);
    }
  assert.ok(sent > 150, `${sent} requests`);
});

test('what its origin labels reaches none either, whatever it says', async () => {
  for (const position of positions.slice(0, 40)) {
    const response = await send(position, filled(position, 'zebra quartz ninety one'), 'first-claude', { 'Ajar-Label': 'confidential' });
    await response.text();
    assert.equal(outside.bytes.length, 0, position.id);
  }
});

test('what holds nothing does go there: the recording is no empty promise', async () => {
  const chat = { path: '/v1/chat/completions' };
  for (const model of ['first-claude', 'first-gpt', 'first-gemini']) {
    const before = outside.requests;
    const response = await send(chat, JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'a yellow kite in the wind' }] }), model);
    assert.equal(response.status, 200, await response.text());
    assert.equal(outside.requests, before + 1);
  }
  assert.ok(outside.bytes.includes('yellow kite'));
});

test('what is refused is refused though there is a home, and the record names kinds alone', async () => {
  const response = await gateway.post({ model: 'first-claude', messages: [{ role: 'user', content: 'password: Summer7879#x' }] });
  assert.equal(response.status, 403);
  const { error } = await response.json();
  assert.equal(error.code, 'content_refused');
  assert.ok(!error.message.includes('Summer'));
  const kept = await gateway.post({ model: 'first-claude', messages: [{ role: 'user', content: 'my ssn is 078-05-1120' }] });
  assert.equal(kept.status, 200);
  assert.equal(kept.headers.get('x-ajar-deployment'), 'home');
  const entry = await gateway.entry(kept.headers.get('x-request-id'));
  assert.match(entry.reason, /label pii from found:US_SSN/);
  assert.ok(!JSON.stringify(entry).includes('078-05'));
});

test('with tokens in its place, nothing of what was found reaches them either', async () => {
  const cores = ['078-05-1120', '4111 1111 1111 1111', 'jo.doe@example.com', 'GB82 WEST 1234 5698 7654 32', 'Summer7879#x', '19653731'];
  const written = (core) => [core, inUrl(core), inUnicode(core), Buffer.from(core).toString('hex')];
  let away = 0;
  for (const position of positions)
    for (const [i, payload] of payloads.entries()) {
      const text = filled(position, payload);
      if (text === filled(position, 'other text of another length')) continue;
      const before = outside.bytes.length;
      const response = await send(position, text, ['first-claude', 'first-gpt', 'first-gemini'][i % 3], {}, replacing);
      await response.text();
      const left = outside.bytes.subarray(before).toString();
      away += left.length > 0 ? 1 : 0;
      for (const form of [...written(cores[i]), Buffer.from(payload).toString('base64')])
        assert.ok(!left.includes(form), `${position.id} ${position.position}: ${text}\n${left}`);
    }
  assert.ok(away > 20, `${away} requests left`);
});

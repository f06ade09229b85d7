// tests/e2e/raw.test.mjs - HTTP itself: what a strict reader must refuse, and what it must take.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deployment, Gateway, keys } from './lib/gateway.mjs';
import { startSim, tidy } from './lib/program.mjs';
import { exchange, statuses } from './lib/raw.mjs';

const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello.' }] });
const head = (...lines) =>
  [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${keys.me}`,
    'Content-Type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');
const sized = `Content-Length: ${body.length}`;
const last = 'Connection: close';

let gateway;
before(async () => {
  const sim = await startSim();
  gateway = await Gateway.start(
    `[limits]\nhead = "8KiB"\nbody = "1MiB"\n[deadlines]\nhead = "2s"\nbody = "2s"\n${deployment('m', sim.address)}`,
  );
});
after(tidy);

const send = (pieces, enough) => exchange(gateway.port, pieces, enough);

test('a plain request', async () => {
  const answer = await send(head(sized, last) + body);
  assert.deepEqual(statuses(answer), [200]);
  assert.match(answer, /connection: close/i);
  assert.match(answer, /You wrote/);
});

test('heads and bodies in single bytes', async () => {
  const whole = head(sized, last) + body;
  assert.deepEqual(statuses(await send([...whole])), [200]);
});

test('a chunked body, with extensions and trailers', async () => {
  const half = body.length >> 1;
  const chunk = (text, more = '') => `${text.length.toString(16)}${more}\r\n${text}\r\n`;
  const chunked = chunk(body.slice(0, half), ';name=value') + chunk(body.slice(half)) + '0\r\nX-Trailer: 1\r\n\r\n';
  assert.deepEqual(statuses(await send(head('Transfer-Encoding: chunked', last) + chunked)), [200]);
});

test('several requests on one connection, and in one piece', async () => {
  const one = head(sized) + body;
  const answer = await send([one + one + one], (got) => statuses(got).length === 3 && got.endsWith('}'));
  assert.deepEqual(statuses(answer), [200, 200, 200]);
});

test('a client that waits for 100 Continue is told to go on', async () => {
  const answer = await exchange(gateway.port, [head(sized, last, 'Expect: 100-continue')], (got) => /100 Continue/.test(got));
  assert.deepEqual(statuses(answer), [100]);
  const refused = await send(head(sized, last, 'Expect: 100-continue').replace(keys.me, 'nobody'));
  assert.deepEqual(statuses(refused), [401]);
});

test('HTTP/1.0 gets a whole answer and a close', async () => {
  const answer = await send((head(sized) + body).replace('HTTP/1.1', 'HTTP/1.0'));
  assert.deepEqual(statuses(answer), [200]);
  assert.doesNotMatch(answer, /transfer-encoding/i);
});

test('HEAD has no body', async () => {
  const answer = await send(`HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n${last}\r\n\r\n`);
  assert.deepEqual(statuses(answer), [200]);
  assert.ok(answer.endsWith('\r\n\r\n'));
});

const refused = {
  'two lengths': head(sized, `Content-Length: ${body.length + 1}`) + body,
  'a length and chunked': head(sized, 'Transfer-Encoding: chunked') + `0\r\n\r\n`,
  'chunked twice': head('Transfer-Encoding: chunked, chunked') + '0\r\n\r\n',
  'another coding': head('Transfer-Encoding: gzip, chunked') + '0\r\n\r\n',
  'chunked with a blank name': head('Transfer-Encoding : chunked') + '0\r\n\r\n',
  'an odd chunked': head('Transfer-Encoding: xchunked') + '0\r\n\r\n',
  'a length with a sign': head('Content-Length: +5') + body,
  'a length that is none': head('Content-Length: 5a') + body,
  'a length beyond counting': head('Content-Length: 99999999999999999999999') + body,
  'no host': head(sized).replace('Host: localhost\r\n', '') + body,
  'two hosts': head(sized, 'Host: other') + body,
  'a folded line': head(sized, 'X-Long: a\r\n b') + body,
  'a bare line feed': head(sized).replace('Host: localhost\r\n', 'Host: localhost\n') + body,
  'a zero byte': head(sized, 'X-Zero: a\0b') + body,
  'a name with a blank': head(sized, 'X Name: a') + body,
  'an empty name': head(sized, ': a') + body,
  'another version': head(sized).replace('HTTP/1.1', 'HTTP/3.7') + body,
  'no version': head(sized).replace(' HTTP/1.1', '') + body,
  'a chunk size that is none': head('Transfer-Encoding: chunked') + 'zz\r\n{}\r\n0\r\n\r\n',
  'a chunk that is longer than it says': head('Transfer-Encoding: chunked') + '1\r\n{}\r\n0\r\n\r\n',
  'TLS where none is': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
};
for (const [what, bytes] of Object.entries(refused)) {
  test(`refused: ${what}`, async () => {
    const answer = await send(bytes); // ends only when the gateway closes: nothing after it is read as a request
    assert.equal(statuses(answer).length, 1, answer);
    assert.ok([400, 501, 505].includes(statuses(answer)[0]), answer);
  });
}

test('a smuggled second request is never answered', async () => {
  const inner = `GET /v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.me}\r\n\r\n`;
  const answer = await send(head(`Content-Length: ${inner.length + 5}`, 'Transfer-Encoding: chunked') + `0\r\n\r\n${inner}`);
  assert.deepEqual(statuses(answer), [400]);
});

test('a head that is too large is 431, by one long line and by many', async () => {
  assert.deepEqual(statuses(await send(head(sized, `X-Long: ${'a'.repeat(20_000)}`) + body)), [431]);
  assert.deepEqual(statuses(await send(head(sized, ...Array(2000).fill('X-Many: a')) + body)), [431]);
  assert.deepEqual(statuses(await send(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n`)), [431]);
});

test('a body that is too large is 413, announced or not', async () => {
  assert.deepEqual(statuses(await send(head('Content-Length: 2000000', last))), [413]);
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
  assert.deepEqual(statuses(await send([head('Transfer-Encoding: chunked', last), ...Array(20).fill(chunk)])), [413]);
});

test('who never ends the head or the body is told so, and let go', async () => {
  assert.deepEqual(statuses(await send('POST /v1/chat/completions HTTP/1.1\r\nHost: local')), [408]);
  assert.ok([408, 504].includes(statuses(await send(head(sized) + body.slice(0, 10)))[0]));
});

test('after all that, the gateway serves', async () => {
  assert.deepEqual(statuses(await send(head(sized, last) + body)), [200]);
});

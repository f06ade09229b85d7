// tests/e2e/streams.test.mjs - long, slow, many and split streams: nothing is lost, and nothing piles up in between.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { deployment, Gateway, keys } from './lib/gateway.mjs';
import { deployAll, lanes } from './lib/lanes.mjs';
import { startSim, tidy } from './lib/program.mjs';

const say = (text) => [{ role: 'user', content: text }];

let gateway, client, slow;
before(async () => {
  slow = await startSim(['--tokens-per-second', '40', '--tokens', '20']);
  gateway = await Gateway.start((await deployAll()) + deployment('slow', slow.address));
  client = gateway.client();
});
after(tidy);

async function textOf(request) {
  let text = '';
  for await (const event of await client.chat.completions.create({ ...request, stream: true }))
    text += event.choices[0]?.delta?.content ?? '';
  return text;
}

for (const { name } of lanes) {
  test(`${name}: a stream that comes in single bytes, or in odd pieces, is the same`, async () => {
    const words = 'Gr\u00fc\u00dfe \ud83d\udeaa';
    const request = (drip) => ({ model: name, messages: say(`${words} [sim drip ${drip}]`) });
    for (const drip of [1, 7]) {
      const whole = await client.chat.completions.create(request(drip));
      const text = await textOf(request(drip));
      assert.equal(text, whole.choices[0].message.content);
      assert.ok(text.includes(words));
    }
  });
}

test('pieces arrive when they are made, not at the end', async () => {
  const arrivals = [];
  for await (const event of await client.chat.completions.create({ model: 'slow', messages: say('Slowly.'), stream: true }))
    if (event.choices[0]?.delta?.content) arrivals.push(performance.now());
  assert.ok(arrivals.length >= 15);
  assert.ok(arrivals.at(-1) - arrivals[0] > 200, 'the stream came in one go'); // 20 tokens at 40 a second: half a second
});

test('many streams at once, each complete and its own', async () => {
  const texts = await Promise.all(Array.from({ length: 150 }, (_, i) => textOf({ model: 'slow', messages: say(`Number ${i}.`) })));
  texts.forEach((text, i) => assert.ok(text.includes(`Number ${i}.`), text));
});

const residentKiB = () => Number(readFileSync(`/proc/${gateway.program.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);

test('a caller that does not read stops the upstream: nothing piles up, and nothing is lost when it goes on', async () => {
  const body = JSON.stringify({ model: 'openai', messages: say('On and on. [sim huge 1]'), stream: true });
  const before = residentKiB();
  const socket = net.connect(gateway.port, '127.0.0.1');
  socket.pause();
  await new Promise((resolve) => {
    socket.once('connect', resolve);
  });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.me}\r\n` +
      `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  // Other callers are served meanwhile, long enough for tens of megabytes to have come if they could.
  for (let i = 0; i < 30; i += 1) await textOf({ model: 'openai', messages: say(`Meanwhile ${i}.`) });
  const grown = residentKiB() - before;
  assert.ok(grown < 16 * 1024, `the gateway grew by ${grown} KiB`);
  let size = 0,
    end = '';
  for await (const bytes of socket) {
    size += bytes.length;
    end = (end + bytes.toString('latin1')).slice(-200);
  }
  assert.ok(size > 20 << 20, `${size} bytes`);
  assert.match(end, /data: \[DONE\]\s+0\r\n\r\n$/);
  assert.ok(residentKiB() - before < 16 * 1024);
});

test('a long prompt and a long answer, whole', async () => {
  const prompt = 'All work and no play. '.repeat(100_000);
  const answer = await client.chat.completions.create({ model: 'openai', messages: say(`${prompt} [sim huge 2]`) });
  assert.ok(answer.choices[0].message.content.length >= 2 << 20);
  assert.ok(answer.usage.prompt_tokens > 500_000);
});

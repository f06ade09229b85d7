// tests/e2e/pseudonyms.test.mjs - a closed provider sees tokens, the caller sees its own words again, streamed in pieces or whole.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deployment, Gateway } from './lib/gateway.mjs';
import { startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, echoUpstream } from './lib/upstream.mjs';

let gateway, outside, client;
before(async () => {
  const sim = await startSim();
  outside = await echoUpstream();
  gateway = await Gateway.start(
    `[retries]\nper_deployment = 1\n[detection]\non = true\npseudonymise = ["pii", "phi", "pci", "secret"]\ntrusted_tools = ["find_patient"]\n` +
      deployment('gpt', outside.address, { provider: 'openai', model: 'gpt-5.5', key: 'env:UPSTREAM_KEY' }) +
      deployment('home', sim.address, { provider: 'vllm', abilities: ['tools', 'structured'] }) +
      '\n[[route]]\nname = "both"\norder = ["gpt", "home"]\n',
  );
  client = gateway.client();
});
after(() => {
  closeUpstreams();
  return tidy();
});

const text = 'Write to jo.doe@example.com that the card 4111 1111 1111 1111 was charged; password: Summer7879#x';
const sensitive = /jo\.doe|4111|Summer7879/;
const tool = (name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: { text: { type: 'string' } } } } });

test('a whole answer', async () => {
  const { data, response } = await client.chat.completions.create({ model: 'both', messages: [{ role: 'user', content: text }] }).withResponse();
  assert.equal(response.headers.get('x-ajar-deployment'), 'gpt');
  assert.match(response.headers.get('x-ajar-reason'), /^pseudonymised CREDIT_CARD,EMAIL,/);
  assert.equal(data.choices[0].message.content, text.replace('Summer7879#x', '***'));
  assert.doesNotMatch(outside.bytes.toString(), sensitive);
  assert.match(outside.bytes.toString(), /EMAIL_[A-Z]{7}/);
});

test('a stream that comes letter by letter', async () => {
  const stream = await client.chat.completions.create({ model: 'both', stream: true, messages: [{ role: 'user', content: text }] });
  let said = '';
  for await (const chunk of stream) said += chunk.choices[0]?.delta?.content ?? '';
  assert.equal(said, text.replace('Summer7879#x', '***'));
  assert.doesNotMatch(outside.bytes.toString(), sensitive);
});

for (const stream of [false, true])
  test(`arguments get values back for trusted functions alone, ${stream ? 'streamed' : 'whole'}`, async () => {
    for (const [name, expected] of [
      ['find_patient', /jo\.doe@example\.com/],
      ['search_web', /EMAIL_[A-Z]{7}/],
    ]) {
      const answer = await client.chat.completions.create({ model: 'both', stream, tools: [tool(name)], messages: [{ role: 'user', content: 'find jo.doe@example.com' }] });
      let args = '';
      if (stream) for await (const chunk of answer) args += chunk.choices[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? '';
      else args = answer.choices[0].message.tool_calls[0].function.arguments;
      assert.match(JSON.parse(args).text, expected, name);
    }
    assert.doesNotMatch(outside.bytes.toString(), sensitive);
  });

test('a conversation keeps its tokens from turn to turn', async () => {
  const messages = [{ role: 'user', content: 'remember jo.doe@example.com' }];
  const ask = async () => (await client.chat.completions.create({ model: 'both', messages })).choices[0].message;
  const tokens = () => outside.bytes.toString().match(/EMAIL_[A-Z]{7}/g).at(-1);
  messages.push(await ask());
  const first = tokens();
  messages.push({ role: 'user', content: 'and again jo.doe@example.com' });
  await ask();
  assert.equal(tokens(), first);
});

test('what cannot be replaced stays home with its own words', async () => {
  const before = outside.bytes.length;
  const { response } = await client.chat.completions
    .create({ model: 'both', messages: [{ role: 'user', content: 'Patient Maria Silva, SSN 078-05-1120, was diagnosed with diabetes mellitus.' }] })
    .withResponse();
  assert.equal(response.headers.get('x-ajar-deployment'), 'home');
  assert.equal(outside.bytes.length, before);
});

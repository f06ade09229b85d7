// tests/e2e/policy.test.mjs - what must stay home stays home, and `ajar explain` tells beforehand what the live path does.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { deployment, Gateway, keys } from './lib/gateway.mjs';
import { folder, run, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, forbiddenPlace } from './lib/upstream.mjs';

const people = `
[labels]
defined = ["project-x"]

[[zone]]
name = "clinic"
accepts = ["all"]

[[zone]]
name = "baa"
accepts = ["internal", "phi"]
contract = "baa"

[[tenant]]
name = "people"

[[tenant]]
name = "ward"
labels = ["confidential"]

[[key]]
name = "me"
tenant = "people"
secret = "env:KEY_OF_ME"

[[key]]
name = "nurse"
tenant = "ward"
secret = "env:KEY_OF_WARD"
models = ["hybrid", "claude"]

[[alias]]
name = "mixed"
model = "hybrid"

[[rule]]
name = "numbers stay home"
when = { words = ["MRN", "discharge letter"] }
labels = ["phi"]

[[rule]]
name = "a project"
when = { route = "hybrid", words = ["\\u00e9tude"] }
labels = ["project-x"]
`;
const route = (name, order, more = '') => `\n[[route]]\nname = "${name}"\norder = ${JSON.stringify(order)}\n${more}\n`;

let gateway, outside, client;
before(async () => {
  const sim = await startSim();
  outside = await forbiddenPlace();
  const closed = { provider: 'anthropic', model: 'claude-opus-5', key: 'env:UPSTREAM_KEY' };
  const toml =
    people +
    deployment('home', sim.address, { provider: 'vllm', zone: 'clinic', abilities: ['tools', 'structured'] }) +
    deployment('claude', outside.address, closed) +
    deployment('hospital', sim.address, { ...closed, zone: 'baa' }) +
    deployment('home-broken', sim.address, { provider: 'vllm', zone: 'clinic', upstream_model: 'sim-fail-500' }) +
    route('hybrid', ['claude', 'home']) +
    route('sick', ['home-broken', 'claude']) +
    route('secret', ['claude', 'home'], 'labels = ["secret"]') +
    route('three', ['claude', 'hospital', 'home']) +
    route('tools-only', ['hospital', 'home']);
  gateway = await Gateway.start(`[retries]\nper_deployment = 1\n${toml}`);
  client = gateway.client();
});
after(() => {
  closeUpstreams();
  return tidy();
});

const ask = (model, { label, text = 'Hello.', by = client, ...more } = {}) =>
  by.chat.completions
    .create({ model, messages: [{ role: 'user', content: text }], ...more }, { headers: label ? { 'Ajar-Label': label } : {} })
    .withResponse();

async function blocked(promise) {
  const error = await promise.then(
    () => assert.fail('it was answered'),
    (e) => e,
  );
  assert.ok(error instanceof OpenAI.PermissionDeniedError, String(error));
  assert.equal(error.status, 403);
  assert.equal(error.code, 'policy_blocked');
  return error;
}

test('a labelled request to an external model is 403, and no socket is opened', async () => {
  for (const label of ['phi', 'internal', 'confidential', 'PHI, pii', 'project-x']) {
    const error = await blocked(ask('claude', { label, text: 'The patient said hello.' }));
    assert.ok(!error.message.includes('patient said'));
    const entry = await gateway.entry(error.headers.get('x-request-id'));
    assert.equal(entry.outcome, 'failed');
    assert.equal(entry.fault, 'forbidden');
    assert.equal(entry.attempts.length, 0);
    assert.match(entry.label, new RegExp(label.split(', ')[0], 'i'));
  }
  await blocked(ask('claude', { label: 'phi', stream: true }));
  assert.equal(outside.connections, 0);
});

test('on a route with a home, it stays there, and the reason says what was left out', async () => {
  const { response } = await ask('hybrid', { label: 'phi' });
  assert.equal(response.headers.get('x-ajar-deployment'), 'home');
  const entry = await gateway.entry(response.headers.get('x-request-id'));
  assert.equal(entry.zone, 'clinic');
  assert.match(entry.reason, /claude/);
  assert.equal(outside.connections, 0);
});

test('a fallback to a zone that does not accept the label is not tried', async () => {
  const error = await ask('sick', { label: 'phi' }).then(
    () => assert.fail('answered'),
    (e) => e,
  );
  assert.equal(error.status, 502);
  assert.equal(outside.connections, 0);
  await ask('sick').catch(() => {}); // without a label it is tried there: the place does count
  assert.ok(outside.connections > 0);
  outside.connections = 0;
});

test('labels come from the tenant, the route and rules too, and the header only adds', async () => {
  const nurse = gateway.client(keys.ward);
  assert.equal((await ask('hybrid', { by: nurse })).response.headers.get('x-ajar-deployment'), 'home');
  await blocked(ask('claude', { by: nurse }));
  assert.equal((await ask('secret')).response.headers.get('x-ajar-deployment'), 'home');
  assert.equal((await ask('hybrid', { text: 'about mrn 12' })).response.headers.get('x-ajar-deployment'), 'home');
  await blocked(ask('claude', { text: 'the DISCHARGE LETTER says' }));
  assert.equal((await ask('hybrid', { text: 'une \u00e9tude' })).response.headers.get('x-ajar-deployment'), 'home');
  assert.equal((await ask('three', { label: 'phi' })).response.headers.get('x-ajar-deployment'), 'hospital');
  assert.equal((await ask('three', { label: 'phi, confidential' })).response.headers.get('x-ajar-deployment'), 'home');
  assert.equal(outside.connections, 0);
});

test('words of a rule are found in any spelling of JSON', async () => {
  const body = '{"model": "claude", "messages": [{"role": "user", "content": "the \\u004d\\u0052N is 12"}]}';
  const answer = await gateway.post(body);
  assert.equal(answer.status, 403);
  assert.equal(outside.connections, 0);
});

test('a tool result, a name and a system text are searched like all else', async () => {
  const hidden = [
    {
      messages: [
        { role: 'system', content: 'MRN' },
        { role: 'user', content: 'Hi.' },
      ],
    },
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi.' },
            { type: 'text', text: 'an MRN' },
          ],
        },
      ],
    },
    {
      messages: [{ role: 'user', content: 'Hi.' }],
      tools: [{ type: 'function', function: { name: 'f', description: 'by MRN', parameters: { type: 'object', properties: {} } } }],
    },
  ];
  for (const request of hidden) assert.equal((await gateway.post({ model: 'claude', ...request })).status, 403);
  assert.equal(outside.connections, 0);
});

test('a key sees and uses only the models that it may', async () => {
  const nurse = gateway.client(keys.ward);
  assert.deepEqual((await nurse.models.list()).data.map((m) => m.id).sort(), ['claude', 'hybrid']);
  await assert.rejects(
    ask('three', { by: nurse }),
    (error) => error instanceof OpenAI.NotFoundError && !error.message.includes('hospital'),
  );
});

test('explain says what the live path does', async () => {
  const cases = [];
  for (const model of ['hybrid', 'three', 'secret', 'claude', 'home', 'hospital'])
    for (const label of [undefined, 'phi', 'confidential']) cases.push({ model, label });
  cases.push({ model: 'hybrid', text: 'about MRN 12' });
  for (const { model, label, text = 'Hello.' } of cases) {
    const told = await gateway.explain(
      { model, messages: [{ role: 'user', content: text }] },
      '--key',
      'me',
      ...(label ? ['--label', label] : []),
    );
    const plan = JSON.parse(told.out);
    const first = plan.chain?.[0]?.deployment;
    if (first === 'claude') continue; // nobody answers there
    const what = `${model} with ${label ?? 'no label'}`;
    if (first === undefined) {
      assert.equal(told.code, 1, what);
      assert.equal(plan.refused.code, 'policy_blocked', what);
      await blocked(ask(model, { label, text }));
      continue;
    }
    assert.equal(told.code, 0, what);
    const { response } = await ask(model, { label, text });
    assert.equal(response.headers.get('x-ajar-deployment'), first, what);
    assert.equal(response.headers.get('x-ajar-reason'), plan.reason, what);
    const entry = await gateway.entry(response.headers.get('x-request-id'));
    assert.equal(entry.reason, plan.reason, what);
  }
});

test('explain tells the rejected with their reason, an estimate, and sends nothing', async () => {
  const before = outside.connections;
  const told = await gateway.explain({ model: 'three', messages: [{ role: 'user', content: 'Hello.' }] }, '--label', 'phi');
  const plan = JSON.parse(told.out);
  assert.deepEqual(
    plan.chain.map((c) => c.deployment),
    ['hospital', 'home'],
  );
  assert.deepEqual(
    plan.rejected.map((r) => r.deployment),
    ['claude'],
  );
  assert.ok(plan.rejected[0].reason);
  assert.ok(Number(plan.chain[0].estimate_usd) > 0);
  assert.equal(outside.connections, before);
});

test('explain of a bad request or a bad name says so', async () => {
  assert.equal((await gateway.explain({ model: 'hybrid' })).code, 2);
  const unknown = await gateway.explain({ model: 'nobody', messages: [{ role: 'user', content: 'Hi.' }] });
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /hybrid/);
  assert.equal((await gateway.explain({ model: 'hybrid', messages: [{ role: 'user', content: 'Hi.' }] }, '--key', 'nobody')).code, 2);
});

test('explain asks of a key what the live path asks: the name that the caller wrote, not what it stands for', async () => {
  const request = { model: 'mixed', messages: [{ role: 'user', content: 'Hello.' }] };
  assert.equal((await gateway.explain(request, '--key', 'me')).code, 0);
  await client.chat.completions.create(request);
  const told = await gateway.explain(request, '--key', 'nurse');
  assert.equal(told.code, 2);
  assert.match(told.err, /may not use the model "mixed"/);
  await assert.rejects(gateway.client(keys.ward).chat.completions.create(request), OpenAI.NotFoundError);
});

test('a label that a caller gave once stays with the conversation, also after a restart', async () => {
  const before = outside.connections;
  const turn = (messages, label) => gateway.post({ model: 'hybrid', messages }, label ? { 'Ajar-Label': label } : {});
  const user = (content) => ({ role: 'user', content });
  const first = await turn([user('A quiet beginning.')], 'phi');
  assert.equal(first.headers.get('x-ajar-deployment'), 'home');
  const said = { role: 'assistant', content: (await first.json()).choices[0].message.content };
  const later = await turn([user('A quiet beginning.'), said, user('Go on.')]);
  assert.equal(later.headers.get('x-ajar-deployment'), 'home');
  assert.match(later.headers.get('x-ajar-reason'), /label phi from conversation/);
  await gateway.stop('SIGKILL');
  await gateway.launch();
  client = gateway.client();
  const after = await turn([user('A quiet beginning.'), said, user('Go on.'), said, user('And on.')]);
  assert.equal(after.headers.get('x-ajar-deployment'), 'home');
  assert.equal(outside.connections, before);
});

test('`ajar policy check` tells every flow, `diff` what a change newly allows', async () => {
  const home = folder('flows');
  const file = (name, more) => {
    const toml = `[[zone]]\nname = "own"\naccepts = ["all"]\n[[zone]]\nname = "out"\n${more}\n[[tenant]]\nname = "a"\n[[tenant]]\nname = "ward"\nlabels = ["phi"]\n[[key]]\nname = "k"\ntenant = "ward"\nsecret = "env:NOT_SET_HERE"\n[[rule]]\nname = "twice"\nwhen = { tenant = "ward" }\nlabels = ["phi"]\n${deployment('home', '127.0.0.1:1', { provider: 'vllm', zone: 'own' })}${deployment('closed', '', { provider: 'anthropic', model: 'claude-opus-5', key: 'env:NOT_SET_EITHER', zone: 'out' })}`;
    writeFileSync(path.join(home, name), toml);
    return path.join(home, name);
  };
  const [old, fresh] = [file('old.toml', ''), file('new.toml', 'accepts = ["pii"]')];
  const checked = await run(['policy', 'check', old, '--json']);
  assert.equal(checked.code, 0, checked.err);
  const { flows, remarks } = JSON.parse(checked.out);
  const to = (from, label) => flows.filter((f) => f.from === `tenant ${from}` && f.label === label).map((f) => f.zone);
  assert.deepEqual(to('a', 'public'), ['out', 'own']);
  assert.deepEqual(to('a', 'pii'), ['own']);
  assert.deepEqual(to('ward', 'public'), ['own']);
  assert.ok(remarks.some((r) => r.about === 'rule twice' && /has that label anyway/.test(r.why)));
  assert.ok(remarks.some((r) => r.about === 'detection'));
  assert.match((await run(['policy', 'check', old])).out, /tenant ward \(label phi\)/);
  const changed = await run(['policy', 'diff', old, fresh]);
  assert.equal(changed.code, 1, changed.err);
  assert.match(changed.out, /newly allowed: tenant a, label pii -> out/);
  const back = await run(['policy', 'diff', fresh, old]);
  assert.equal(back.code, 0);
  assert.match(back.out, /no longer: +tenant a, label pii -> out/);
  const wrong = await run(['policy', 'check', path.join(home, 'none.toml')]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /none\.toml/);
});

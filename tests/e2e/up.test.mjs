// tests/e2e/up.test.mjs - `ajar up` on a bare machine: no file, no key, no account.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import OpenAI from 'openai';
import { entryOf } from './lib/gateway.mjs';
import { folder, Program, run, startSim, tidy } from './lib/program.mjs';

after(tidy);

async function up(args = [], env = {}, home = folder('up')) {
  const began = Date.now();
  const program = new Program(['up', '--listen', '127.0.0.1:0', ...args], { env: { AJAR_HOME: home, ...env }, secret: true });
  const [, url] = await program.until(/address +(http:\/\/\S+)/);
  const [, key] = await program.until(/key +(ajar-\S+)/);
  await program.until(/Ctrl-C/);
  return { program, url, key, home, took: Date.now() - began, client: new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 }) };
}

test('within seconds there are an address, a key and a curl, and the curl works as it is printed', async () => {
  const { program, took, home, key } = await up(['--simulate']);
  assert.ok(took < 5000, `${took} ms`);
  assert.match(program.out, /SIMULATED/);
  const curl = program.out.match(/^curl [\s\S]*?'\n\n/m)[0];
  const answer = JSON.parse(execFileSync('bash', ['-c', curl.replace('curl ', 'curl -s ')], { encoding: 'utf8' }));
  assert.match(answer.choices[0].message.content, /simulated answer/);
  assert.equal(statSync(path.join(home, 'key')).mode & 0o077, 0);
  assert.ok(!readFileSync(path.join(home, 'found.toml'), 'utf8').includes(key));
});

test('with no key in the environment it simulates, unless an engine is found here; explain reads what it found', async () => {
  const { program, client, home } = await up();
  assert.match(program.out, /SIMULATED|at http:\/\/127\.0\.0\.1:/);
  const [model] = (await client.models.list()).data;
  const request = JSON.stringify({ model: model.id, messages: [{ role: 'user', content: 'Hi.' }] });
  const told = await run(['explain', '--home', home, '--json'], { input: request });
  assert.equal(told.code, 0, told.err);
  assert.ok(JSON.parse(told.out).chain.length > 0);
});

test('simulated models are marked: in the list, in the header, in the ledger', async () => {
  const { client, home } = await up(['--simulate']);
  const { data: models } = await client.models.list();
  assert.ok(models.length > 0);
  assert.ok(
    models.every((m) => m.simulated === true && m.owned_by === 'ajar-simulated'),
    JSON.stringify(models),
  );
  const { response } = await client.chat.completions
    .create({ model: models[0].id, messages: [{ role: 'user', content: 'Hi.' }] })
    .withResponse();
  assert.equal(response.headers.get('x-ajar-simulated'), 'true');
  const id = response.headers.get('x-request-id');
  assert.equal((await entryOf(home, id)).simulated, true);
});

test('two run side by side, and the key of a folder stays the same', async () => {
  const [one, two] = await Promise.all([up(['--simulate']), up(['--simulate'])]);
  assert.notEqual(one.url, two.url);
  assert.notEqual(one.key, two.key);
  await one.client.models.list();
  await assert.rejects(new OpenAI({ baseURL: two.url, apiKey: one.key, maxRetries: 0 }).models.list(), OpenAI.AuthenticationError);
  assert.equal((await one.program.stop('SIGINT')).code, 0);
  const again = await up(['--simulate'], {}, one.home);
  assert.equal(again.key, one.key);
});

test('a state folder given by a relative path is where the path says, also in found.toml', async () => {
  const here = folder('relative');
  const home = path.relative(process.cwd(), path.join(here, 'state'));
  const { program } = await up(['--simulate'], {}, home);
  assert.ok(program.out.includes(path.join(here, 'state')), program.out);
  const told = await run(['check', path.join(here, 'state', 'found.toml')]);
  assert.equal(told.code, 0, told.err);
  assert.ok(readFileSync(path.join(here, 'state', 'found.toml'), 'utf8').includes(`state = "${path.join(here, 'state')}"`));
});

test('a folder that is in use is refused', async () => {
  const { home } = await up(['--simulate']);
  const second = await run(['up', '--simulate', '--listen', '127.0.0.1:0'], { env: { AJAR_HOME: home } });
  assert.equal(second.code, 1);
  assert.ok(second.err.includes(home), second.err);
});

test('keys in the environment open their providers; the keys themselves are nowhere', async () => {
  const env = {};
  const variables = ['OPENAI', 'ANTHROPIC', 'GEMINI', 'DEEPSEEK', 'MOONSHOT', 'DASHSCOPE', 'OPENROUTER'];
  for (const name of variables) env[`${name}_API_KEY`] = `obviously-fake-${name.toLowerCase()}`;
  const { program, client, home } = await up([], env);
  for (const provider of ['openai', 'anthropic', 'google', 'deepseek', 'moonshot', 'alibaba', 'openrouter'])
    assert.match(program.out, new RegExp(`key for ${provider}`));
  assert.doesNotMatch(program.out, /SIMULATED/);
  const { data } = await client.models.list();
  for (const maker of ['openai', 'anthropic', 'google', 'deepseek', 'moonshot', 'alibaba', 'openrouter'])
    assert.ok(
      data.some((m) => m.owned_by === maker),
      `no model of ${maker}`,
    );
  assert.ok(!program.said.includes('obviously-fake') && !readFileSync(path.join(home, 'found.toml'), 'utf8').includes('obviously-fake'));
});

for (const engine of ['vllm', 'sglang', 'llamacpp', 'ollama', 'lmstudio', 'tgi']) {
  test(`${engine} is known by what it answers, wherever it listens`, async () => {
    const sim = await startSim(['--engine', engine]);
    const { program, client } = await up([], { AJAR_ENGINES: sim.address });
    assert.match(program.out, new RegExp(`${engine} at http://${sim.address}`));
    const found = (await client.models.list()).data.filter((m) => m.owned_by === engine);
    assert.ok(found.length > 0);
    const { data, response } = await client.chat.completions
      .create({ model: found[0].id, messages: [{ role: 'user', content: 'Hi.' }] })
      .withResponse();
    assert.equal(data.choices[0].message.role, 'assistant');
    assert.equal(response.headers.get('x-ajar-simulated'), null); // it looks like a real one, and is taken for it
  });
}

test('a wrong AJAR_ENGINES is told', async () => {
  const told = await run(['up', '--listen', '127.0.0.1:0', '--home', folder()], { env: { AJAR_ENGINES: 'nowhere' } });
  assert.equal(told.code, 2);
  assert.match(told.err, /AJAR_ENGINES/);
});

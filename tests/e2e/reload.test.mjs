// tests/e2e/reload.test.mjs - a changed configuration: on SIGHUP, on a changed file, and when it is wrong.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { deployment, Gateway, keys, leaks } from './lib/gateway.mjs';
import { eventually, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, patientUpstream } from './lib/upstream.mjs';

let gateway, sim, patient;
const names = async () => (await gateway.client().models.list()).data.map((m) => m.id).sort();
const ask = (model, more) => gateway.client().chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi.' }], ...more });

before(async () => {
  sim = await startSim();
  patient = await patientUpstream();
  gateway = await Gateway.start(deployment('one', sim.address) + deployment('patient', patient.address, { provider: 'vllm' }));
});
after(() => {
  closeUpstreams();
  return tidy();
});

// What the program says from now on.
const fromNow = () => ({ from: gateway.program.said.length });

test('a written file is taken up by itself', async () => {
  assert.deepEqual(await names(), ['one', 'patient']);
  const now = fromNow();
  gateway.write(deployment('two', sim.address) + deployment('patient', patient.address, { provider: 'vllm' }));
  await gateway.program.until(/new configuration is in force/, now);
  await eventually(async () => (await names()).includes('two'), 'the new model is not listed');
  assert.equal((await ask('two')).object, 'chat.completion');
  await assert.rejects(ask('one'), OpenAI.NotFoundError);
});

test('so is one that is moved into place, as editors do', async () => {
  const now = fromNow();
  const other = `${gateway.file}.new`;
  const text = readFileSync(gateway.file, 'utf8').replaceAll('"two"', '"three"');
  writeFileSync(other, text);
  renameSync(other, gateway.file);
  await gateway.program.until(/new configuration is in force/, now);
  await eventually(async () => (await names()).includes('three'), 'the new model is not listed');
});

test('a bad file changes nothing, and the log says where it is wrong', async () => {
  const now = fromNow();
  gateway.write(deployment('four', sim.address, { provider: 'simm' }));
  await gateway.program.until(/last good one stays/, now);
  assert.match(gateway.program.said.slice(now.from), /simm/);
  assert.deepEqual(await names(), ['patient', 'three']);
  assert.equal((await ask('three')).object, 'chat.completion');
  const again = fromNow();
  gateway.program.child.kill('SIGHUP');
  await gateway.program.until(/last good one stays/, again);
});

test('a running request ends on the configuration that it began with', async () => {
  const pending = ask('patient', { stream: true });
  const call = await eventually(() => patient.calls.at(-1), 'the upstream was not called');
  call.say('Old');
  const stream = await pending;
  const now = fromNow();
  gateway.write(deployment('six', sim.address));
  gateway.program.child.kill('SIGHUP');
  await gateway.program.until(/new configuration is in force/, now);
  await eventually(async () => (await names()).join() === 'six', 'the new model is not listed');
  call.say(' times');
  call.finish();
  let text = '';
  for await (const event of stream) text += event.choices[0]?.delta?.content ?? '';
  assert.equal(text, 'Old times');
});

test('a file that is right again is taken, on SIGHUP', async () => {
  const now = fromNow();
  gateway.write(deployment('five', sim.address));
  gateway.program.child.kill('SIGHUP');
  await gateway.program.until(/new configuration is in force/, now);
  await eventually(async () => (await names()).join() === 'five', 'the new model is not listed');
});

test('a revoked key is refused from then on', async () => {
  const now = fromNow();
  gateway.write(
    '[[tenant]]\nname = "people"\n[[key]]\nname = "other"\ntenant = "people"\nsecret = "env:KEY_OF_WARD"\n' +
      deployment('five', sim.address),
  );
  await gateway.program.until(/new configuration is in force/, now);
  await eventually(
    () =>
      ask('five').then(
        () => false,
        (e) => e instanceof OpenAI.AuthenticationError,
      ),
    'the old key still works',
  );
  assert.equal((await gateway.client(keys.ward).models.list()).data[0].id, 'five');
});

test('no key is in any output or file', () => assert.deepEqual(leaks(), []));

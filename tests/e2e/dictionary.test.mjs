// tests/e2e/dictionary.test.mjs - values of one's own: from a list to a file of hashes to a request that stays home.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { deployment, Gateway } from './lib/gateway.mjs';
import { folder, run, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, recorder } from './lib/upstream.mjs';

after(() => {
  closeUpstreams();
  return tidy();
});

test('a request that holds one of the values stays home', async () => {
  const home = folder();
  const values = path.join(home, 'codes.txt'), file = path.join(home, 'codes.dictionary');
  writeFileSync(values, 'Project Falcon\nKX-4471-902\n');
  const made = await run(['dictionary', values, '--out', file]);
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /2 values/);
  assert.ok(!readFileSync(file, 'latin1').toLowerCase().includes('falcon'));
  const sim = await startSim();
  const outside = await recorder();
  const gateway = await Gateway.start(
    deployment('gpt', outside.address, { provider: 'openai', model: 'gpt-5.5', key: 'env:UPSTREAM_KEY' }) +
      deployment('home', sim.address, { provider: 'vllm' }) +
      `\n[[route]]\nname = "both"\norder = ["gpt", "home"]\n\n[[dictionary]]\nname = "codes"\nfile = "${file}"\nlabels = ["confidential"]\n`,
  );
  const ask = async (content) => {
    const response = await gateway.post({ model: 'both', messages: [{ role: 'user', content }] });
    assert.equal(response.status, 200, await response.text());
    return response.headers;
  };
  assert.equal((await ask('a word about project falcon')).get('x-ajar-deployment'), 'home');
  const kept = await ask('invoice kx 4471902, please');
  assert.equal(kept.get('x-ajar-deployment'), 'home');
  assert.match(kept.get('x-ajar-reason'), /from dictionary:codes/);
  assert.equal(outside.bytes.length, 0);
  assert.equal((await ask('a word about falcons')).get('x-ajar-deployment'), 'gpt');
});

test('values that are no use are told with file and line', async () => {
  const values = path.join(folder(), 'bad.txt');
  writeFileSync(values, 'good-value\nab\n');
  const made = await run(['dictionary', values, '--out', path.join(folder(), 'x')]);
  assert.notEqual(made.code, 0);
  assert.match(made.err, /bad\.txt: line 2: a value with fewer than 5/);
});

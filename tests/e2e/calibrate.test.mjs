// tests/e2e/calibrate.test.mjs - an engine measured through the gateway, and predictions that follow it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deployment, Gateway } from './lib/gateway.mjs';
import { folder, run, startSim, tidy } from './lib/program.mjs';

after(tidy);

const engine = ['--model', 'qwen3.6-27b', '--gpu', 'h100', '--precision', 'fp8'];
let gateway;
before(async () => {
  const sim = await startSim(['--tokens-per-second', '100', '--tokens', '20']);
  gateway = await Gateway.start(deployment('mine', sim.address, { provider: 'vllm' }));
  const client = gateway.client();
  for (let i = 0; i < 6; ++i) {
    const stream = await client.chat.completions.create({ model: 'mine', messages: [{ role: 'user', content: 'Go on.' }], stream: true });
    for await (const event of stream) assert.ok(event.id);
  }
  await client.chat.completions.create({ model: 'mine', messages: [{ role: 'user', content: 'All at once.' }] });
});

test('the ledger becomes a table of points, which predictions follow', async () => {
  const out = path.join(folder('calibrate'), 'measured.csv');
  const args = ['plan', 'calibrate', '--from-ledger', '--home', gateway.home, '--deployment', 'mine', ...engine, '--out', out];
  const told = await run([...args, '--json']);
  assert.equal(told.code, 0, told.err);
  const { points } = JSON.parse(told.out);
  assert.ok(points.length >= 1 && points[0].answers >= 5, told.out);
  assert.ok(points[0].tpot_ms > 5 && points[0].tpot_ms < 40, told.out);
  const lines = readFileSync(out, 'utf8').trim().split('\n');
  assert.equal(lines.length, points.length + 1);
  assert.match(lines[1], /^mine-1,qwen3\.6-27b,fp8,h100,1,TP1,vllm,agg,/);
  assert.match((await run(args)).out, /times what was predicted/);

  const fit = async (...more) => JSON.parse((await run(['plan', 'fit', ...engine, '--json', ...more])).out);
  const [plain, own] = [await fit(), await fit('--measured', out)];
  assert.equal(own.nearness, 'same_setup');
  const factor = own.rows[0].tpot_ms.p50 / plain.rows[0].tpot_ms.p50;
  assert.ok(Math.abs(Math.log(factor) / Math.log(points[0].tpot_ms / points[0].predicted_tpot_ms) - 1) < 0.35, String(factor));
  const predicted = await run(['plan', 'predict', '--points', out, '--measured', out]);
  assert.match(predicted.out, /^mine-1,.*,0,same_setup$/m);
  const plan = JSON.parse((await run(['plan', '--tokens', '3B', '--quality', 'basic', '--draws', '200', '--measured', out, '--json'])).out);
  assert.ok(plan.options.length > 0);
});

test('what cannot be measured is said', async () => {
  const here = folder('calibrate');
  const broken = path.join(here, 'broken.csv');
  writeFileSync(broken, 'model,gpu,n_gpu,parallelism,precision,isl,osl,concurrency,tpot_ms\nllama-3.3-70b,h100,1,TP1,bf16,100,100,1,30\n');
  for (const [args, said] of [
    [['calibrate', '--from-ledger', '--home', gateway.home, '--deployment', 'yours', ...engine, '--out', path.join(here, 'x.csv')], /holds 0 exchanges of "yours"/],
    [['calibrate', '--from-ledger', '--home', gateway.home, '--deployment', 'mine', '--model', 'qwen3.6-27c', '--gpu', 'h100'], /did you mean "qwen3.6-27b"/],
    [['calibrate', '--from-ledger', '--home', gateway.home, '--deployment', 'mine', ...engine, '--least', '0'], /from 1 on/],
    [['calibrate', '--deployment', 'mine', ...engine], /--from-ledger/],
    [['fit', ...engine, '--measured', broken], /broken\.csv:2: the weights take/],
    [['fit', ...engine, '--measured', path.join(here, 'none.csv')], /cannot read/],
  ]) {
    const told = await run(['plan', ...args]);
    assert.notEqual(told.code, 0, args.join(' '));
    assert.match(told.err, said);
    assert.equal(told.out, '');
  }
});

// tests/e2e/plan.test.mjs - `ajar plan` on the terminal: what fits, what is predicted, what is found, and what is refused.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { run, tidy } from './lib/program.mjs';

after(tidy);

const head = 'id,model,gpu,n_gpu,parallelism,precision,engine,isl,osl,concurrency';

test('fit says whether it fits, how to start it and what to expect', async () => {
  const told = await run(['plan', 'fit', '--model', 'llama-3.3-70b', '--gpu', 'h100', '--json']);
  assert.equal(told.code, 0, told.err);
  const fit = JSON.parse(told.out);
  assert.equal(fit.gpus, 2);
  assert.ok(fit.kv_tokens > 300_000 && fit.kv_tokens < 500_000, fit.kv_tokens);
  assert.match(fit.commands[0], /^vllm serve .*--tensor-parallel-size 2/);
  const [one, many] = [fit.rows[0], fit.rows.at(-1)];
  assert.ok(one.tpot_ms.p10 < one.tpot_ms.p50 && one.tpot_ms.p50 < one.tpot_ms.p90);
  assert.ok(many.usd_per_million_low < one.usd_per_million_low / 10);
  assert.match((await run(['plan', 'fit', '--model', 'llama-3.3-70b', '--gpu', 'h100'])).out, /KV room .*sequences/);
});

test('fit refuses what cannot be, and says what would', async () => {
  for (const [args, said] of [
    [['--model', 'llama-3.3-71b', '--gpu', 'h100'], /did you mean "llama-3.3-70b"/],
    [['--model', 'llama-3.3-70b', '--gpu', 'h1000'], /did you mean "h100"/],
    [['--model', 'kimi-k2.6', '--gpu', 'l40s', '--count', '2'], /does not fit on 2 x L40S.*smallest that fits is --count/],
    [['--model', 'llama-3.3-70b', '--gpu', 'h100', '--precision', 'fp7'], /bf16, fp8, fp4, int4/],
    [['--model', 'llama-3.3-70b', '--gpu', 'h100', '--input', '-3'], /tokens from 1/],
  ]) {
    const told = await run(['plan', 'fit', ...args]);
    assert.equal(told.code, 2, told.out);
    assert.match(told.err, said);
  }
});

test('predict answers every row of a table, and refuses with a reason', async () => {
  const input = `${head}\na,llama-3.3-70b,H100-SXM,2,TP2,fp8,vllm,1024,1024,16\n"b,1",nobody,H100-SXM,2,TP2,fp8,vllm,1024,1024,16\n`;
  const told = await run(['plan', 'predict'], { input });
  assert.equal(told.code, 0, told.err);
  const [names, first, second] = told.out.trim().split('\n');
  assert.equal(
    names,
    'id,ttft_ms,tpot_ms,out_tps_per_gpu,ttft_ms_p10,ttft_ms_p90,tpot_ms_p10,tpot_ms_p90,out_tps_per_gpu_p10,out_tps_per_gpu_p90,refused,reason',
  );
  const tpot = Number(first.split(',')[2]);
  assert.ok(tpot > 15 && tpot < 26, first); // measured: 19.7 ms
  assert.match(second, /^"b,1",,,,,,,,,,1,.*nobody/);
});

test('predict and lint of a table that is none say where it is wrong', async () => {
  for (const [input, said] of [
    ['', /standard input: line 1: there is no header/],
    ['model,gpu\n', /line 1: there is neither a column "isl_mean" nor "isl"/],
    [`${head}\n1,2\n`, /line 2, column 1: 2 fields where the header has 10/],
    [`${head}\n"1,2\n`, /line 2, column 1: the quote/],
  ])
    for (const verb of ['predict', 'lint']) {
      const told = await run(['plan', verb], { input });
      assert.equal(told.code, 2, told.out);
      assert.match(told.err, said);
      assert.equal(told.out, '');
    }
  assert.equal((await run(['plan', 'predict', '--points', '/none/such.csv'])).code, 1);
});

test('lint finds what cannot be', async () => {
  const input = `${head},tpot_ms\na,llama-3.3-70b,h100,2,TP2,fp8,vllm,1024,1024,16,8\nb,llama-3.3-70b,h100,2,TP2,fp8,vllm,1024,1024,16,20\n`;
  const told = await run(['plan', 'lint', '--json'], { input });
  assert.equal(told.code, 1, told.err);
  const { rows, findings } = JSON.parse(told.out);
  assert.equal(rows, 2);
  assert.deepEqual(
    findings.map((f) => [f.line, f.rule, f.certain]),
    [[2, 'bandwidth', true]],
  );
});

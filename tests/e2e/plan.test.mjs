// tests/e2e/plan.test.mjs - `ajar plan` on the terminal: what fits, what is predicted, what is found, and what is refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const plan = async (...args) => {
  const told = await run(['plan', '--json', '--at', '2026-11-25', '--draws', '500', ...args]);
  return { ...told, plan: told.out ? JSON.parse(told.out) : undefined };
};

// The worked examples of docs/guide/planning.md.
test('a clinic: all stays home, unless there is a contract', async () => {
  const args = ['--tokens', '2M', '--mix', 'chat', '--phi', '100%', '--team', 'none'];
  const { code, plan: home } = await plan(...args);
  assert.equal(code, 0);
  assert.equal(home.recommended.kind, 'own');
  for (const option of home.options) assert.equal(option.possible, option.share_that_leaves === 0, option.name);
  const { plan: signed } = await plan(...args, '--contract');
  assert.ok(['hosted', 'closed'].includes(signed.recommended.kind));
  const best = (p) => p.options.find((o) => o.name === p.recommended.name).month_usd.p50;
  assert.ok(best(signed) < best(home) / 100);
});

test('a start-up: an open model hosted by others', async () => {
  const { plan: p } = await plan('--tokens', '60M', '--mix', 'coding=0.5,chat=0.5');
  assert.equal(p.recommended.kind, 'hosted');
  assert.ok(p.break_even.closed.tokens > 1e9, p.break_even.closed.tokens);
  for (const option of p.options.filter((o) => o.possible)) for (const q of option.quality) assert.ok(['good', 'high'].includes(q.level));
});

test('an enterprise with a sensitive fifth: own engines', async () => {
  const { plan: p } = await plan('--tokens', '3B', '--phi', '20%', '--team', 'strong', '--mix', 'chat=0.6,reasoning=0.4');
  assert.equal(p.recommended.kind, 'own');
  assert.ok(p.flips.length > 0);
  assert.ok(p.options.filter((o) => o.kind === 'closed').every((o) => o.lacks.some((l) => /may not leave/.test(l))));
});

test('the same plan twice, and on the terminal the same recommendation', async () => {
  const args = ['plan', '--tokens', '60M', '--at', '2026-11-25', '--draws', '500'];
  const [one, two] = [await run([...args, '--json']), await run([...args, '--json'])];
  assert.equal(one.out, two.out);
  const text = await run(args);
  assert.ok(text.out.includes(JSON.parse(one.out).recommended.name), text.out);
});

test('a plan that cannot be says what would have to give way; bad inputs say what to write', async () => {
  const impossible = await run(['plan', '--tokens', '1M', '--mix', 'multilingual', '--quality', 'high', '--phi', '1']);
  assert.equal(impossible.code, 2);
  assert.match(impossible.out, /NOTHING MEETS ALL CONSTRAINTS\n {2}- /);
  for (const [args, said] of [
    [['--tokens', '5X'], /--tokens: "5X" .*50M\/month/],
    [['--tokens', '5M', '--gpu-prices', 'h10=3'], /--gpu-prices: .*did you mean "h100"/],
    [['--tokens', '5M', '--region', 'mars'], /--region: .*there are: /],
    [['--tokens', '5M', '--api-trend', 'less'], /--api-trend: .*-20%/],
    [['--tokens', '5M', '--horizon-months', '0'], /write 1 to 120/],
    [['--tokens', '5M', '--power-price', 'cheap'], /--power-price: "cheap" is no number/],
    [['--tokens', '5M', '--mix', 'codin=1'], /did you mean "coding"/],
    [['--tokens', '5M', '--mix', 'coding=0.5,chat=0.6'], /add up to 1.1/],
    [['--tokens', '5M', '--phi', '150%'], /no share/],
    [['--tokens', '5M', '--contracts', 'opena'], /--contracts: .*did you mean "openai"/],
    [['--tokens', '5M', '--team', 'big'], /none, some or strong/],
    [['--tokens', '5M', '--quality', 'best'], /any, basic, good or high/],
    [['--tokens', '5M', '--at', 'soon'], /no date/],
    [['--tokens', '5M', '--ttft', '-1'], /above zero/],
    [['--tokens', '5M', '--draws', '3'], /100 to 1,000,000/],
    [[], /--tokens/],
  ]) {
    const told = await run(['plan', ...args]);
    assert.equal(told.code, 2, told.out);
    assert.match(told.err, said);
    assert.equal(told.out, '');
  }
});

test('a page with plots is one file that needs no other, and shows its plan in a browser', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ajar-page-'));
  const file = join(folder, 'plan.html');
  const shared = ['plan', '--tokens', '3B', '--phi', '20%', '--quality', 'basic', '--at', '2026-11-25', '--draws', '300'];
  try {
    const told = await run([...shared, '--html', file, '--json']);
    assert.equal(told.code, 0, told.err);
    assert.match(told.err, /the page with plots is /);
    const page = await readFile(file, 'utf8');
    const held = JSON.parse(page.match(/id="plans">([^<]*)<\/script>/)[1]);
    assert.deepEqual(held.plans[0].plan, JSON.parse(told.out));
    assert.doesNotMatch(page, /<(script|link|img)[^>]*(src|href)=/);
    const { operations, field, recommended } = held.plans[0].plan;
    assert.equal(operations[0].hours.load.length, 168);
    assert.ok(operations[0].latency.at(-1).ttft_s.p99 > operations[0].latency[0].ttft_s.p99);
    assert.ok(field.length > 20 && field.some((c) => c.name === recommended.name));
    const browser = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => spawnSync(name, ['--version']).status === 0);
    assert.ok(browser, 'no browser: tools/install_deps.sh test installs Chromium');
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--window-size=390,900', '--virtual-time-budget=5000', `--user-data-dir=${folder}/profile`, '--dump-dom'];
    const dom = spawnSync(browser, [...flags, `file://${file}`], { encoding: 'utf8', timeout: 60_000, maxBuffer: 64 << 20 }).stdout;
    assert.ok(dom.split('<svg').length - 1 >= 8, 'a plot is missing');
    assert.ok(dom.includes(`<p class="name">${recommended.name}</p>`));
    for (const title of ['Cost against volume', 'What moves the bill', 'A week, own', 'To the first token, own', 'Quality against cost']) assert.ok(dom.includes(title), title);

    const refused = await run([...shared, '--html', join(folder, 'no', 'plan.html')]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /cannot write/);
    const wrong = await run(['plan', '--tokens', '5X', '--html', join(folder, 'other.html')]);
    assert.equal(wrong.code, 2);
    assert.ok(!(await readdir(folder)).includes('other.html'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('claims has a verdict for each, with assumptions and sources', async () => {
  const { claims } = JSON.parse((await run(['plan', 'claims', '--json', '--at', '2026-11-25'])).out);
  assert.ok(claims.length >= 26);
  for (const c of claims) {
    assert.deepEqual(Object.keys(c), ['id', 'claim', 'stated', 'assumptions', 'recomputed', 'verdict', 'sources']);
    assert.ok(['holds', 'holds only if', 'does not hold'].includes(c.verdict));
  }
  assert.equal(claims.find((c) => c.id === 'swe-bench-pro-deepseek-v4-pro').verdict, 'does not hold');
});

test('replay serves a trace, finds the smallest fleet, and sends overflow to an API', async () => {
  const trace = 't_s,input_tokens,output_tokens\n' + Array.from({ length: 2000 }, (_, i) => `${i * 0.1},${500 + ((i * 37) % 900)},${50 + ((i * 13) % 300)}`).join('\n');
  const replay = (...args) => run(['plan', 'replay', '--model', 'llama-3.3-70b', '--gpu', 'h100', '--trace', '-', '--json', ...args], { input: trace });
  const found = JSON.parse((await replay('--faster', '8')).out);
  assert.equal(found.requests, 2000);
  assert.ok(found.replicas >= 2 && found.ttft_s.p99 <= 2 && found.tpot_s.p95 <= 0.1, JSON.stringify(found));
  const one = JSON.parse((await replay('--faster', '8', '--replicas', '1')).out);
  assert.ok(one.ttft_s.p99 > 2 || one.tpot_s.p95 > 0.1);
  assert.equal(JSON.parse((await replay('--faster', '8', '--replicas', '1')).out).digest, one.digest);
  const overflow = JSON.parse((await replay('--replicas', '1', '--faster', '16', '--overflow-after', '0.5')).out);
  assert.ok(overflow.overflowed > 0 && overflow.overflow_output_tokens > 0);
  for (const [args, input, said] of [
    [['--trace', '-'], 't_s,input_tokens,output_tokens\n2,1,1\n1,1,1\n', /line 3, column 1: the time lies before/],
    [['--trace', '-'], 'a,b\n', /columns t_s, input_tokens, output_tokens/],
    [['--ttft', '0.0001'], '', /not even 256 replicas/],
    [['--replicas', '-1'], '', /1 to 1024/],
  ]) {
    const told = await run(['plan', 'replay', '--model', 'llama-3.3-70b', '--gpu', 'h100', ...args], { input });
    assert.equal(told.code, 2, told.out);
    assert.match(told.err, said);
  }
});

test('replay owns a base and sends peaks to an API; replicas scale, fail and are billed by the hour', async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `${(i < 1000 || i > 2000 ? i * 1.2 : 1200 + (i - 1000) * 0.05).toFixed(2)},${500 + ((i * 37) % 900)},${50 + ((i * 13) % 300)}`);
  const trace = 't_s,input_tokens,output_tokens\n' + rows.join('\n');
  const replay = async (...args) => run(['plan', 'replay', '--model', 'llama-3.3-70b', '--gpu', 'h100', '--trace', '-', ...args], { input: trace });
  const json = async (...args) => JSON.parse((await replay('--json', ...args)).out);
  const base = await json('--overflow-after', '1', '--api', 'openai/gpt-5.5');
  const dollars = base.base_loads.map((b) => b.own_usd_month + b.api_usd_month);
  assert.equal(base.base_loads[0].own_usd_month, 0);
  assert.equal(base.base_loads.at(-1).overflowed, 0);
  assert.equal(base.replicas, dollars.indexOf(Math.min(...dollars)));
  assert.ok(Math.abs(base.cost.own_usd_month + base.cost.api_usd_month - Math.min(...dollars)) < 1);
  assert.match((await replay('--overflow-after', '1', '--api', 'openai/gpt-5.5')).out, /cheapest/);
  const fixed = await json('--replicas', '4');
  const scaled = await json('--scale', '1..4', '--in-flight', '16');
  assert.ok(scaled.starts > 0 && scaled.gpu_hours < fixed.gpu_hours, JSON.stringify(scaled));
  const failing = await json('--replicas', '4', '--fails-every', '0.2', '--spot');
  assert.ok(failing.failures > 0 && failing.cost.usd_per_gpu_hour < fixed.cost.usd_per_gpu_hour);
  assert.match((await replay('--scale', '0..4', '--fails-every', '1')).out, /starts, .*\n.*failures: /);
  for (const [args, said] of [
    [['--balance', 'best'], /least, prefix, turns or two/],
    [['--scale', '3'], /e\.g\. 1\.\.8/],
    [['--scale', '3..2'], /e\.g\. 1\.\.8/],
    [['--scale', '1..4', '--replicas', '2'], /give one of them/],
    [['--spot'], /--fails-every/],
    [['--fails-every', '0.01'], /0\.1 to/],
    [['--api', 'openai/gpt-5.5'], /--overflow-after/],
    [['--api', 'openai/gpt-5.6', '--overflow-after', '1'], /did you mean "openai\/gpt/],
    [['--reload', '-1'], /0 to 86400/],
    [['--in-flight', '0'], /1 to 100,000/],
  ]) {
    const told = await replay(...args);
    assert.equal(told.code, 2, `${args} ${told.out}`);
    assert.match(told.err, said);
    assert.equal(told.out, '');
  }
  const blocks = await run(['plan', 'replay', '--model', 'llama-3.3-70b', '--gpu', 'h100', '--trace', '-', '--replicas', '2', '--balance', 'prefix', '--json'], {
    input: 't_s,input_tokens,output_tokens,prefix_block_ids\n' + Array.from({ length: 200 }, (_, i) => `${i},2600,20,0-3;${100 + i}`).join('\n'),
  });
  const { cached_input_tokens: cached, input_tokens: input } = JSON.parse(blocks.out);
  assert.ok(cached > 0.7 * input && cached < input, blocks.out);
});

test('an interview ends in a workload file that the plan reads, and in a plan', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ajar-interview-'));
  const file = join(folder, 'clinic.toml');
  try {
    // the third answer is none: it is asked again
    const input = 'chat\n30\nmany\n10\npage\n100%\nno\n\nyes\nnone\n';
    const told = await run(['plan', 'interview', '--out', file], { input });
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /"many": write a number above 0/);
    assert.match(told.out, /RECOMMENDED: own/);
    assert.match(await readFile(file, 'utf8'), /^sensitive = 1 /m);
    const again = JSON.parse((await run(['plan', '--workload', file, '--json', '--draws', '200'])).out);
    assert.equal(again.recommended.kind, 'own');
    assert.ok(Math.abs(again.tokens - 30 * 10 * 21.7 * 2000) < 1, again.tokens);
    // an option counts more than the file
    const signed = JSON.parse((await run(['plan', '-w', file, '--contract', '--json', '--draws', '200'])).out);
    assert.notEqual(signed.recommended.kind, 'own');
    const beside = await run(['plan', '-w', file, '--compare', file, '--draws', '200']);
    assert.equal(beside.code, 0, beside.err);
    assert.match(beside.out, /clinic +clinic/);
    assert.match(beside.out, /recommended +own +own/);
    const both = JSON.parse((await run(['plan', '-w', file, '--compare', file, '--draws', '200', '--json'])).out);
    assert.deepEqual(both.plans[0], both.plans[1]);

    const kept = await run(['plan', 'interview', '--out', file], { input });
    assert.equal(kept.code, 2);
    assert.match(kept.err, /exists already/);
    const broken = await run(['plan', 'interview', '--out', join(folder, 'none.toml')], { input: 'chat\n' });
    assert.equal(broken.code, 2);
    assert.match(broken.err, /nothing was written/);
    assert.deepEqual(await readdir(folder), ['clinic.toml']);
    await writeFile(file, 'tokens = 60e6\npeek = 2\n');
    const wrong = await run(['plan', '-w', file]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /clinic\.toml:2:1: "peek".*\n +did you mean "peak"\?/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a trace says how much and how long, and what it is too short for', async () => {
  let input = 't_s,input_tokens,output_tokens\n';
  for (let i = 0; i <= 100; ++i) input += `${i * 36},900,100\n`;
  const told = await run(['plan', '--trace', '-', '--json', '--draws', '200'], { input });
  assert.equal(told.code, 0, told.err);
  assert.match(told.err, /note: standard input: 1\.0 hours/);
  const { tokens } = JSON.parse(told.out);
  assert.ok(Math.abs(tokens / (101 * 1000 * 24 * 30.4) - 1) < 1e-9, tokens);
  const wrong = await run(['plan', '--trace', '-'], { input: 't_s,input_tokens,output_tokens\n5,1,1\n4,1,1\n' });
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /standard input: line 3, column 1: the time lies before/);
  const both = await run(['plan', '--trace', '-', '--from-ledger'], { input });
  assert.equal(both.code, 2);
  assert.match(both.err, /give one of them/);
  const hidden = await run(['plan', '--tokens', '60M', '--reasoning', '99%']);
  assert.equal(hidden.code, 2);
  assert.match(hidden.err, /hidden reasoning: at most 0\.98/);
});

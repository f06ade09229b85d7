// tests/e2e/catalog.test.mjs - `ajar catalog` on the terminal.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, test } from 'node:test';
import { folder, run, tidy } from './lib/program.mjs';

after(tidy);
const json = async (...args) => JSON.parse((await run(['catalog', ...args, '--json'])).out);

test('every table can be listed, filtered, and read by programs', async () => {
  for (const table of ['models', 'prices', 'benchmarks', 'gpus', 'shapes']) {
    const rows = (await json('list', table))[table];
    assert.ok(rows.length > 15, table);
    assert.ok(rows.every((r) => r.source && r.date), table);
    assert.equal((await run(['catalog', 'list', table])).out.trim().split('\n').length, rows.length);
  }
  const open = (await json('list', 'models', '--open')).models;
  assert.ok(open.length > 0 && open.every((m) => m.open));
  const prices = (await json('list', 'prices', '--provider', 'google', '--model', 'gemini-4-argon', '--at', '2026-12-02')).prices;
  assert.ok(prices.some((p) => p.service === 'standard' && p.input === '4'), JSON.stringify(prices)); // 2 dollars until 2026-12-01
});

test('show tells prices, levels and the rows that decided; a typing error is met with the nearest name', async () => {
  const model = await json('show', 'gpt-5.5');
  assert.equal(model.levels.find((l) => l.task === 'reasoning').level, 'high');
  assert.ok(model.prices.length > 2 && model.scores.length > 10);
  const wrong = await run(['catalog', 'show', 'gpt-5.55']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /did you mean "gpt-5.5"/);
});

test('check names old rows, and overlapping rows of a file with their names', async () => {
  const old = await run(['catalog', 'check', '--at', '2028-01-01']);
  assert.equal(old.code, 1);
  assert.match(old.out, /over 90 days ago/);
  assert.equal((await run(['catalog', 'check', '--at', '2026-11-25', '--stale', '9000'])).out.includes('days ago'), false);
  const file = path.join(folder('catalog'), 'prices.toml');
  const row = (id) =>
    `[[price]]\nid = "${id}"\nprovider = "openai"\nmodel = "gpt-5.5"\nfrom = "2026-01-01"\ninput = 5\noutput = 30\nsource = "s"\ndate = "2026-11-01"\nparty = "vendor"\n`;
  writeFileSync(file, row('one') + row('two'));
  const overlap = await run(['catalog', 'check', file]);
  assert.equal(overlap.code, 2);
  assert.match(overlap.err, /one.*two|two.*one/s);
  writeFileSync(file, row('one').replace('input = 5', 'input = "5"'));
  assert.match((await run(['catalog', 'check', file])).err, /:6: "input"/);
});

test('import proposes, quarantines and changes nothing', async () => {
  const here = folder('import');
  const list = { openai: { models: { 'gpt-5.5': { cost: { input: 50, output: 300, cache_read: 5 } }, 'gpt-9': { cost: { input: 1, output: 2 } } } } };
  const file = path.join(here, 'api.json');
  const out = path.join(here, 'proposed.toml');
  writeFileSync(file, JSON.stringify(list));
  const told = await run(['catalog', 'import', 'models.dev', file, '--out', out, '--json']);
  assert.equal(told.code, 0, told.err);
  const { agree, proposed, quarantined } = JSON.parse(told.out);
  assert.deepEqual([agree, proposed, quarantined], [0, 1, 1]);
  assert.match(readFileSync(out, 'utf8'), /gpt-9/);
  const known = await run(['catalog', 'diff', out, out, '--json']);
  assert.equal(known.code, 0, known.err);
  assert.deepEqual(JSON.parse(known.out).changes, []);
  for (const [args, said] of [
    [['import', 'elsewhere', file], /models.dev or litellm/],
    [['import', 'litellm', file], /no entry has costs per token/],
    [['import', 'models.dev', path.join(here, 'none.json')], /cannot read/],
  ])
    assert.match((await run(['catalog', ...args])).err, said);
});

test('accepted rows hold from their day on, in the catalogue, the plan and a gateway', async () => {
  const home = folder('accept');
  const row = (id, from, input, more = '') =>
    `[[price]]\nid = "${id}"\nprovider = "openai"\nmodel = "gpt-5.5"\nfrom = "${from}"\ninput = ${input}\noutput = 60\ncache_read = 1\nsource = "our contract"\ndate = "2026-11"\nparty = "operator"\n${more}`;
  const accept = (text) => run(['catalog', 'accept', '-', '--home', home], { input: text });
  const told = await accept(row('ours/1', '2026-12-01', 10));
  assert.equal(told.code, 0, told.err);
  assert.match(told.out, /appears +ours\/1/);
  assert.match(told.out, /prices = "/);
  const price = async (day, service = 'standard') => {
    const { prices } = JSON.parse((await run(['catalog', 'list', 'prices', '--provider', 'openai', '--model', 'gpt-5.5', '--at', day, '--json', '--home', home])).out);
    return prices.filter((p) => p.service === service && p.region === '').map((p) => Number(p.input));
  };
  assert.ok((await price('2026-11-30')).every((p) => p === 5 || p === 10)); // the built-in tiers
  assert.deepEqual(await price('2026-12-02'), [10]);
  assert.equal((await accept(row('ours/2', '2027-01-01', 20))).code, 0);
  assert.deepEqual(await price('2026-12-02'), [10]);
  assert.deepEqual(await price('2027-01-02'), [20]);
  const planned = async (...args) => {
    const p = JSON.parse((await run(['plan', '--tokens', '1B', '--json', '--draws', '100', '--at', '2026-12-02', ...args])).out);
    return p.field.find((f) => f.name === 'gpt-5.5 at openai').month_usd;
  };
  assert.ok((await planned('--home', home)) > 1.5 * (await planned('--home', folder('none'))));
  const file = path.join(home, 'ajar.toml');
  writeFileSync(file, 'prices = "prices.toml"\n[[deployment]]\nname = "a"\nprovider = "sim"\nmodel = "sim-chat"\nendpoint = "http://127.0.0.1:1"\n');
  assert.equal((await run(['check', file])).code, 0);
  const before = readFileSync(path.join(home, 'prices.toml'), 'utf8');
  for (const [text, said] of [
    ['', /no price row/],
    [row('ours/1', '2027-02-01', 1), /ours\/1/],
    [row('ours/3', '2027-02-01', 1, 'hours = ["1-x"]\n'), /-:\d+: "hours"|hours/],
    [row('ours/3', 'soon', 1), /"from"/],
    ['[[multiplier]]\nprovider = "openai"\nservice = "flex"\nfactor = 2\nsource = "x"\ndate = "2026-11"\nparty = "operator"\n', /multipliers cannot be accepted/],
  ]) {
    const refused = await accept(text);
    assert.equal(refused.code, 2, refused.out);
    assert.match(refused.err, said);
    assert.equal(readFileSync(path.join(home, 'prices.toml'), 'utf8'), before);
  }
  writeFileSync(path.join(home, 'prices.toml'), before + 'rubbish');
  const broken = await run(['check', file]);
  assert.equal(broken.code, 2);
  assert.match(broken.err + broken.out, /prices\.toml/);
});

test('a list is fetched by its address: redirects are followed, what cannot be had is said', async () => {
  const list = JSON.stringify({ openai: { models: { 'gpt-9': { cost: { input: 1, output: 2 } } } } });
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push(request.headers);
    if (request.url === '/api.json') response.end(list);
    else if (request.url === '/moved') response.writeHead(302, { location: '/api.json' }).end();
    else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
    else if (request.url === '/half') response.writeHead(200, { 'content-length': '999' }).write('{', () => response.destroy());
    else response.writeHead(404).end('no');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${server.address().port}`;
  const import_ = (address) => run(['catalog', 'import', 'models.dev', address, '--json']);
  try {
    for (const address of [`${at}/api.json`, `${at}/moved`]) {
      const told = await import_(address);
      assert.equal(told.code, 0, told.err);
      assert.equal(JSON.parse(told.out).proposed, 1);
      assert.match(told.err, /fetching /);
    }
    assert.ok(seen.every((headers) => !('authorization' in headers) && !('cookie' in headers)));
    for (const [address, said] of [
      [`${at}/none`, /answers 404 Not Found/],
      [`${at}/round`, /more than 5 redirects/],
      [`${at}/half`, /half: /],
      ['http://127.0.0.1:1/api.json', /127\.0\.0\.1:1/],
      ['http://', /is no address/],
      ['http://name:word@127.0.0.1/', /without a name or a password/],
    ]) {
      const told = await import_(address);
      assert.notEqual(told.code, 0, address);
      assert.match(told.err, said);
      assert.equal(told.out, '');
    }
  } finally {
    server.close();
  }
});

// tests/e2e/audit.test.mjs - the audit log of a running gateway: every exchange once, whatever ends it; proofs that somebody else can check.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deployment, Gateway, keys } from './lib/gateway.mjs';
import { ajar, eventually, folder, run, startSim, tidy } from './lib/program.mjs';
import { closeUpstreams, recorder } from './lib/upstream.mjs';

let gateway, outside;
before(async () => {
  const sim = await startSim();
  outside = await recorder();
  gateway = await Gateway.start(
    `[retries]\nper_deployment = 1\n[detection]\non = true\nrefuse = ["secret"]\n` +
      deployment('claude', outside.address, { provider: 'anthropic', model: 'claude-opus-5', key: 'env:UPSTREAM_KEY' }) +
      deployment('home', sim.address, { provider: 'vllm' }) +
      `\n[[route]]\nname = "mixed"\norder = ["claude", "home"]\n`,
  );
});
after(() => {
  closeUpstreams();
  return tidy();
});

const ask = async (content) => (await gateway.post({ model: 'mixed', messages: [{ role: 'user', content }] })).status;
const audit = (action, ...more) => run(['audit', action, '--home', gateway.home, ...more]);
const records = async () => (await audit('show', '--last', '100000', '--json')).out.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const settled = (count) => eventually(async () => (await records()).length >= count, `${count} records`);

test('each exchange is one record, with its label and where it went, and nothing of what it said', async () => {
  assert.equal(await ask('hello zebra'), 200);
  assert.equal(await ask('my ssn is 078-05-1120'), 200);
  assert.equal(await ask('password: Summer7879#x'), 403);
  await settled(3);
  const all = (await records()).sort((a, b) => a.at.localeCompare(b.at)); // two shards write as they come
  assert.deepEqual(all.map((r) => [r.label, r.attempts.map((a) => a.hosting).join(), r.outcome]), [['', 'closed', 'answered'], ['pii', 'own', 'answered'], ['secret', '', 'failed']]);
  assert.ok(!/zebra|078-05|Summer/.test(JSON.stringify(all)));
  const whole = await audit('verify');
  assert.equal(whole.code, 0, whole.out);
  assert.match(whole.out, /^whole: 3 records/);
  assert.match((await audit('show')).out, /secret +nowhere/);
});

test('somebody who has nothing else checks a bundle, and sees what was changed in it', async () => {
  const here = folder('bundle');
  const file = path.join(here, 'bundle.json');
  const told = await audit('prove', '--out', file);
  assert.equal(told.code, 0, told.err);
  assert.match(told.out, /2 were labelled as sensitive: 1 of these stayed on own engines, 1 were refused, and 0 were sent to a provider/);
  const verifier = path.join(gateway.home, 'audit', 'verifier');
  const check = (bundle) => run([bundle, verifier], { file: path.join(path.dirname(ajar), 'ajar-verify') });
  const good = await check(file);
  assert.equal(good.code, 0, good.err);
  assert.match(good.out, /^Whole: records 0 to 3 of a log of 3/);
  const text = readFileSync(file, 'utf8');
  for (const [change, said] of [
    [(t) => t.replace('\\"label\\":\\"pii\\"', '\\"label\\":\\"\\"'), /not those that the log holds/],
    [(t) => JSON.stringify({ ...JSON.parse(t), records: JSON.parse(t).records.slice(1) }), /not those/],
    [(t) => JSON.stringify({ ...JSON.parse(t), summary: 'All is well.' }), /sentence is not what its records come to/],
    [(t) => t.replace(/\\n3\\n/, '\\n4\\n'), /not signed by this verifier/],
    [() => '{', /no JSON/],
  ]) {
    const other = path.join(here, 'other.json');
    writeFileSync(other, change(text));
    const bad = await check(other);
    assert.equal(bad.code, 1, `${change}`);
    assert.match(bad.err, said);
  }
  const none = await run([], { file: path.join(path.dirname(ajar), 'ajar-verify') });
  assert.equal(none.code, 2);
  const empty = await audit('prove', '--from', '2031-01-01');
  assert.match(JSON.parse(empty.out).summary, /no request in this time/);
  assert.match((await audit('prove', '--from', 'soon')).err, /is no date/);
});

test('after a kill and a restart every exchange is there once, and log and ledger agree', async () => {
  const old = path.join(folder('old'), 'checkpoint');
  writeFileSync(old, readFileSync(path.join(gateway.home, 'audit', 'checkpoint')));
  for (let i = 0; i < 300; ++i) await ask(`hello ${i}`);
  await gateway.stop('SIGKILL');
  await gateway.launch();
  await ask('after the restart');
  await settled(304);
  await gateway.stop('SIGTERM');
  const reconciled = await audit('reconcile', '--json');
  assert.equal(reconciled.code, 0, reconciled.out);
  assert.deepEqual(JSON.parse(reconciled.out), { in_log: 304, in_ledger: 304, off: [] });
  const whole = await audit('verify', '--since', old);
  assert.equal(whole.code, 0, whole.out);
  assert.match(whole.out, /whole: 304 records.*begins with the 3 of the older checkpoint/);
  // One record of the middle is rewritten by whoever has the disk.
  const tile = path.join(gateway.home, 'audit', 'tile', 'entries', '000');
  const bytes = readFileSync(tile);
  const at = bytes.indexOf('"label":"pii"');
  bytes.write('"label":"xxx"', at);
  writeFileSync(tile, bytes);
  const changed = await audit('verify', '--json');
  assert.equal(changed.code, 1);
  assert.match(JSON.parse(changed.out).why, /record [012] was changed/);
});

test('where there is no log, that is said', async () => {
  const told = await run(['audit', 'verify', '--home', folder('none')]);
  assert.notEqual(told.code, 0);
  assert.match(told.err, /there is no audit log in/);
  assert.ok(keys.me);
});

test('the demonstration sends a record, keeps it home and shows the log', async () => {
  const told = await run(['demo', 'privacy']);
  assert.equal(told.code, 0, told.err);
  assert.match(told.out, /answered by closed; requests that reached the closed provider: 1/);
  assert.match(told.out, /answered by own; requests that reached the closed provider: 0/);
  assert.match(told.out, /403: .*; requests that reached the closed provider: 0/);
  assert.match(told.out, /2 were labelled as sensitive: 1 of these stayed on own engines, 1 were refused, and 0 were sent/);
  assert.match(told.out, /Its records are what its checkpoint signs/);
});

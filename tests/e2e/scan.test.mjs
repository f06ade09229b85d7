// tests/e2e/scan.test.mjs - `ajar scan`: what would be found, by files, standard input and lines of JSON.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { folder, run } from './lib/program.mjs';

test('scan tells places, kinds and the label, and values only when asked', async () => {
  const file = path.join(folder('scan'), 'letter.txt');
  writeFileSync(file, 'Dear all,\nmy ssn is 078-05-1120.\n');
  const told = await run(['scan', file]);
  assert.equal(told.code, 1);
  assert.match(told.out, /letter\.txt:2:11: US_SSN/);
  assert.match(told.out, /label pii/);
  assert.ok(!told.out.includes('078-05'));
  assert.match((await run(['scan', '--show', file])).out, /078-05-1120/);
  const { findings, label } = JSON.parse((await run(['scan', '--json', file])).out);
  assert.equal(label, 'pii');
  assert.deepEqual([findings[0].start, findings[0].end, findings[0].label], [20, 31, 'US_SSN']);
  const harmless = await run(['scan'], { input: 'What is a stack?\n' });
  assert.equal(harmless.code, 0);
  assert.match(harmless.out, /label public/);
});

test('lines of JSON in, lines of JSON out, with places in bytes', async () => {
  const input = [{ id: 'a', text: 'Gr\u00fc\u00dfe, jo@example.com' }, { id: 7, text: 'nothing' }].map((r) => JSON.stringify(r)).join('\n');
  const told = await run(['scan', '--jsonl'], { input });
  assert.equal(told.code, 0, told.err);
  const [a, b] = told.out.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(a.id, 'a');
  assert.equal(Buffer.from('Gr\u00fc\u00dfe, jo@example.com').subarray(a.findings[0].start, a.findings[0].end).toString(), 'jo@example.com');
  assert.deepEqual(b, { id: 7, findings: [], label: 'public' });
  for (const [text, said] of [
    ['{"id":1,"text":"x"}\n{"id":2}\n', /-?:2: there is no "text"/],
    ['{"id":1,\n', /:1: /],
  ]) {
    const wrong = await run(['scan', '--jsonl'], { input: text });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, said);
  }
  assert.equal((await run(['scan', '/none/such'])).code, 1);
});

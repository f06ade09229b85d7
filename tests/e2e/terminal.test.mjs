// tests/e2e/terminal.test.mjs - what people see on the terminal: wrong files, taken ports, folders that cannot be written.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { deployment, Gateway, keys, tenants } from './lib/gateway.mjs';
import { folder, Program, run, startSim, tidy } from './lib/program.mjs';

after(tidy);
const env = { KEY_OF_ME: keys.me };

function fileWith(text) {
  const file = path.join(folder('config'), 'ajar.toml');
  writeFileSync(file, text);
  return file;
}
const good = `${tenants}${deployment('m', '127.0.0.1:9')}`;

test('check praises a good file', async () => {
  const told = await run(['check', fileWith(good)], { env });
  assert.equal(told.code, 0, told.err);
  assert.match(told.out, /good/);
});

test('check tells all problems of a file at once, each with its place and what to write instead', async () => {
  const file = fileWith(
    `[limit]\nbody = "1MiB"\n\n[listen]\nadress = "127.0.0.1:80"\n${tenants}\n` +
      '[[deployment]]\nname = "m"\nprovider = "antropic"\nmodel = "x"\n\n' +
      '[[deployment]]\nname = "n"\nprovider = "vllm"\nmodel = "y"\nzone = "mooon"\n\n' +
      '[[route]]\nname = "r"\norder = ["nn"]\n\n[[rule]]\nname = "q"\nlabels = ["pphi"]\n',
  );
  const told = await run(['check', file], { env });
  assert.equal(told.code, 2);
  for (const words of [
    /"?limit"?.*\n.*limits/,
    /adress[\s\S]*address/,
    /antropic[\s\S]*anthropic/,
    /endpoint/,
    /mooon/,
    /"nn"/,
    /pphi[\s\S]*phi/,
  ])
    assert.match(told.err, words);
  const places = told.err.match(/ajar\.toml:\d+:\d+: /g) ?? [];
  assert.ok(places.length >= 7, told.err);
  const json = JSON.parse((await run(['check', file, '--json'], { env })).out);
  assert.equal(json.good, false);
  assert.ok(json.problems.every((p) => p.line > 0 && p.message && p.remedy));
  const served = await run(['serve', '--config', file], { env }); // serve is no more lenient
  assert.equal(served.code, 2);
  assert.match(served.err, /antropic/);
});

test('broken TOML is told with line and column', async () => {
  const told = await run(['check', fileWith(`${good}\n[[route]\n`)], { env });
  assert.equal(told.code, 2);
  assert.match(told.err, /ajar\.toml:\d+:\d+: /);
});

test('a missing file, a missing variable, a secret in the file', async () => {
  const missing = await run(['serve', '--config', '/nonexistent/ajar.toml'], { env });
  assert.equal(missing.code, 2);
  assert.match(missing.err, /nonexistent/);
  const variable = await run(['check', fileWith(good)]);
  assert.equal(variable.code, 2);
  assert.match(variable.err, /KEY_OF_ME/);
  const open = await run(['check', fileWith(good.replace('env:KEY_OF_ME', keys.me))], { env });
  assert.equal(open.code, 2);
  assert.ok(!open.err.includes(keys.me), 'the secret is quoted');
});

test('a port that is taken is told with the port and what to do', async () => {
  const holder = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    holder.once('listening', resolve);
  });
  const { port } = holder.address();
  for (const args of [
    ['serve', '--config', fileWith(good), '--listen', `127.0.0.1:${port}`, '--home', folder()],
    ['up', '--simulate', '--listen', `127.0.0.1:${port}`, '--home', folder()],
    ['sim', '--listen', `127.0.0.1:${port}`],
  ]) {
    const told = await run(args, { env });
    assert.equal(told.code, 2, args[0]);
    assert.match(told.err, new RegExp(`${port}`), args[0]);
    assert.match(told.err, /use|taken/i, args[0]);
  }
  holder.close();
});

test('a state folder that cannot be is told with what to do', async () => {
  const blocker = fileWith('a file');
  for (const home of [`${blocker}/state`, blocker, '/proc/ajar-state']) {
    for (const args of [
      ['serve', '--config', fileWith(good), '--listen', '127.0.0.1:0', '--home', home],
      ['up', '--simulate', '--listen', '127.0.0.1:0', '--home', home],
    ]) {
      const told = await run(args, { env });
      assert.equal(told.code, 1, `${args[0]} ${home}`);
      assert.ok(told.err.includes(home), told.err);
      assert.match(told.err, /--home|AJAR_HOME/);
    }
  }
});

test('a state folder that another gateway uses is refused', async () => {
  const sim = await startSim();
  const gateway = await Gateway.start(deployment('m', sim.address));
  const second = await run(['serve', '--config', gateway.file, '--listen', '127.0.0.1:0'], { env: gateway.env });
  assert.equal(second.code, 1);
  assert.ok(second.err.includes(gateway.home), second.err);
  assert.equal(
    (await gateway.client().chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Hi.' }] })).object,
    'chat.completion',
  );
});

test('an address that is none, a verb that is none, an option that is none', async () => {
  const address = await run(['serve', '--config', fileWith(good), '--listen', 'localhost:99999', '--home', folder()], { env });
  assert.equal(address.code, 2);
  assert.match(address.err, /99999/);
  for (const args of [['fly'], ['serve'], ['serve', '--confg', 'x'], ['ledger'], ['ledger', 'show', '--limit', 'many'], []]) {
    const told = await run(args);
    assert.equal(told.code, 2, args.join(' '));
    assert.ok((told.err + told.out).length > 10, args.join(' '));
  }
  assert.equal((await run(['--help'])).code, 0);
  assert.match((await run(['--version'])).out, /^ajar \d/);
});

test('key new gives a key and its hash, fresh each time', async () => {
  const [one, two] = await Promise.all([run(['key', 'new', '--json']), run(['key', 'new', '--json'])]);
  const { key, hash } = JSON.parse(one.out);
  assert.notEqual(key, JSON.parse(two.out).key);
  const sim = await startSim();
  const people = `[[tenant]]\nname = "t"\n[[key]]\nname = "k"\ntenant = "t"\nhash = "${hash}"\n`;
  const gateway = await Gateway.start(people + deployment('m', sim.address));
  assert.equal((await gateway.client(key).models.list()).data[0].id, 'm');
  await assert.rejects(gateway.client(hash).models.list());
});

test('the ledger of an empty or missing state folder', async () => {
  const empty = await run(['ledger', 'show', '--json', '--home', folder()]);
  const missing = await run(['ledger', 'show', '--home', '/nonexistent/state']);
  assert.notEqual(missing.code, 0);
  assert.match(missing.err, /nonexistent/);
  assert.ok(empty.code === 0 ? empty.out.length > 0 : /no ledger|nothing/i.test(empty.err), JSON.stringify(empty));
});

test('a simulator says its address; it stops on SIGINT', async () => {
  const sim = new Program(['sim', '--listen', '127.0.0.1:0']);
  await sim.until(/http:\/\/127\.0\.0\.1:\d+/);
  assert.equal((await sim.stop('SIGINT')).code, 0);
});

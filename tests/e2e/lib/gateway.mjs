// tests/e2e/lib/gateway.mjs - a gateway on a free port with its own state folder, and the official client for it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI from 'openai';
import { ajar, eventually, everythingSaid, folder, Program, run } from './program.mjs';

// Obviously made up, and long enough that finding one of them anywhere is no accident.
export const keys = {
  me: 'ajar-e2e-canary-of-me-0000000000000001',
  ward: 'ajar-e2e-canary-of-ward-000000000000002',
  upstream: 'canary-credential-for-upstream-0000003',
};
const homes = [];
export { OpenAI };

export const tenants = `
[[tenant]]
name = "people"

[[key]]
name = "me"
tenant = "people"
secret = "env:KEY_OF_ME"
`;

export class Gateway {
  // `toml`: deployments and whatever a test needs; one tenant with the key "me" is added unless it brings its own.
  static async start(toml, { home = folder('state'), env = {}, shards = 2, listen = '', under = [] } = {}) {
    const gateway = new Gateway();
    gateway.home = home;
    homes.push(home);
    gateway.file = path.join(folder('config'), 'ajar.toml');
    gateway.shards = shards;
    gateway.under = under; // a command that starts the program
    gateway.listen = listen; // more lines of [listen]
    gateway.env = { KEY_OF_ME: keys.me, KEY_OF_WARD: keys.ward, UPSTREAM_KEY: keys.upstream, ...env };
    gateway.write(toml);
    await gateway.launch();
    return gateway;
  }

  write(toml) {
    const people = toml.includes('[[key]]') ? '' : tenants;
    writeFileSync(
      this.file,
      `state = "${this.home}"\nshards = ${this.shards}\n[listen]\naddress = "127.0.0.1:0"\n${this.listen}\n${people}\n${toml}`,
    );
  }

  async launch() {
    const [file, ...args] = [...this.under, ajar, 'serve', '--config', this.file];
    this.program = new Program(args, { env: this.env, file });
    const [, url] = await this.program.until(/listening on (https?:\/\/[^\s]+)\/v1/);
    this.url = url;
    if (url.startsWith('https')) return;
    const ready = await fetch(`${url}/readyz`);
    if (ready.status !== 200) throw new Error(`/readyz: ${ready.status} ${await ready.text()}`);
  }

  get port() {
    return Number(new URL(this.url).port);
  }

  client(key = keys.me, more = {}) {
    return new OpenAI({ baseURL: `${this.url}/v1`, apiKey: key, maxRetries: 0, timeout: 30_000, ...more });
  }

  // A request of our own making: what the official client would not send.
  post(body, headers = {}) {
    return fetch(`${this.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.me}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async metrics() {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  ledger(action, ...more) {
    return ledgerOf(this.home, action, ...more);
  }

  entry(id) {
    return entryOf(this.home, id);
  }

  explain(request, ...more) {
    return run(['explain', '--config', this.file, '--json', ...more], { env: this.env, input: JSON.stringify(request) });
  }

  stop(signal) {
    return this.program.stop(signal);
  }
}

// What `ajar ledger` prints as JSON: a list of entries, or one object of sums.
export async function ledgerOf(home, action = 'show', ...more) {
  const told = await run(['ledger', action, '--home', home, '--json', ...more]);
  if (told.code !== 0) throw new Error(`ajar ledger ${action} ${more.join(' ')}: ${told.code}\n${told.err}`);
  if (action === 'sum') return JSON.parse(told.out);
  return told.out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

// The entry of one request, as soon as it is settled.
export function entryOf(home, id) {
  return eventually(async () => {
    const told = await run(['ledger', 'show', '--home', home, '--json', '--id', id]);
    return told.out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .find((e) => e.outcome !== 'open');
  }, `the ledger has no settled entry ${id}`);
}

function filesBelow(place) {
  return readdirSync(place, { withFileTypes: true }).flatMap((item) => {
    const name = path.join(place, item.name);
    return item.isDirectory() ? filesBelow(name) : [name];
  });
}

// Where any of the keys or words stands in what programs said or left behind.
export function leaks(words = Object.values(keys)) {
  const found = [];
  for (const word of words) {
    for (const program of everythingSaid)
      if (program.said.includes(word)) found.push(`${word} in the output of ajar ${program.args.join(' ')}`);
    for (const file of homes.flatMap(filesBelow)) if (readFileSync(file).includes(word)) found.push(`${word} in ${file}`);
  }
  return found;
}

// One deployment of a configuration.
export function deployment(name, address, { provider = 'sim', model = 'sim-chat', ...more } = {}) {
  const lines = [`[[deployment]]`, `name = "${name}"`, `provider = "${provider}"`, `model = "${model}"`];
  if (address) lines.push(`endpoint = "${address.includes('://') ? '' : 'http://'}${address}"`);
  for (const [key, value] of Object.entries({ public_model: name, ...more })) lines.push(`${key} = ${JSON.stringify(value)}`);
  return `\n${lines.join('\n')}\n`;
}

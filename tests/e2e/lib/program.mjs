// tests/e2e/lib/program.mjs - starts and stops the built program, feeds it, and keeps all that it says.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const ajar = path.resolve(process.env.AJAR_BIN ?? path.join(root, 'build/release/ajar'));
const patience = Number(process.env.AJAR_PATIENCE_MS ?? 20_000); // for whatever must come; only a failing test waits so long

const folders = [];
const running = new Set();
export const everythingSaid = []; // of all programs of this test file, ended or not: what the search for leaked keys looks at

export function folder(name = 'state') {
  const made = mkdtempSync(path.join(tmpdir(), `ajar-e2e-${name}-`));
  folders.push(made);
  return made;
}

// What a program gets of our environment: no provider's key, no state folder of the person who runs the tests.
function environment(extra) {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', LANG: 'C.UTF-8' };
  for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS']) if (process.env[name]) env[name] = process.env[name];
  return { ...env, ...extra };
}

export class Program {
  constructor(args, { env = {}, file = ajar, secret = false } = {}) {
    this.args = args;
    this.out = '';
    this.err = '';
    this.waiting = new Set();
    this.child = spawn(file, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.status = { code, signal };
        running.delete(this);
        resolve(this.status);
        this.look();
      });
      this.child.on('error', (error) => {
        this.err += String(error);
      });
    });
    for (const which of ['out', 'err']) {
      this.child[`std${which}`].setEncoding('utf8').on('data', (text) => {
        this[which] += text;
        this.look();
      });
    }
    running.add(this);
    if (!secret) everythingSaid.push(this);
  }

  get said() {
    return this.out + this.err;
  }

  look() {
    for (const check of [...this.waiting]) check();
  }

  // The match of the pattern in what is said, from now on or before. Fails when the program ends without it.
  until(pattern, { from = 0 } = {}) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        settle(value);
      };
      const check = () => {
        const found = this.said.slice(from).match(pattern);
        if (found) done(resolve, found);
        else if (this.status)
          done(reject, new Error(`ajar ${this.args.join(' ')} ended (${JSON.stringify(this.status)}) without ${pattern}:\n${this.said}`));
      };
      const timer = setTimeout(() => done(reject, new Error(`no ${pattern} from ajar ${this.args.join(' ')}:\n${this.said}`)), patience);
      this.waiting.add(check);
      check();
    });
  }

  async stop(signal = 'SIGTERM') {
    if (!this.status) this.child.kill(signal);
    return this.ended;
  }
}

// Runs to the end. Gives { code, out, err }.
export function run(args, { env = {}, input, file = ajar } = {}) {
  return new Promise((resolve) => {
    const child = execFile(file, args, { env: environment(env), timeout: patience, maxBuffer: 64 << 20 }, (error, out, err) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, out, err });
    });
    child.stdin.on('error', () => {}); // a program that does not read its input
    child.stdin.end(input ?? '');
  });
}

export async function startSim(args = [], options) {
  const quick = { '--listen': '127.0.0.1:0', '--latency-ms': '0', '--jitter-ms': '0', '--tokens-per-second': '0', '--tokens': '24' };
  const settings = Object.entries(quick)
    .filter(([name]) => !args.includes(name))
    .flat();
  const sim = new Program(['sim', ...settings, ...args], options);
  const [, address] = await sim.until(/http:\/\/([\d.]+:\d+)/);
  sim.address = address;
  return sim;
}

// Waits until the condition gives something true, for what the program does behind an answer. A failed assertion in it is a "not yet".
export async function eventually(condition, what) {
  let last;
  for (const end = Date.now() + patience; Date.now() < end;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      if (error.code !== 'ERR_ASSERTION') throw error;
      last = error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 15);
    });
  }
  throw last ?? new Error(`it did not happen: ${what ?? condition}`);
}

export async function tidy() {
  for (const program of [...running]) await program.stop('SIGKILL');
  for (const made of folders) rmSync(made, { recursive: true, force: true });
}

// tests/e2e/tls.test.mjs - TLS on both sides: callers that connect by it, and upstreams whose certificate must be right.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { deployment, Gateway, keys } from './lib/gateway.mjs';
import { folder, startSim, tidy } from './lib/program.mjs';

const servers = [];
const once = '[retries]\nper_deployment = 1\n';
const place = folder('tls');
const file = (name) => path.join(place, name);
let sim;

function certificate(name, subject) {
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${subject}`,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.pem`),
    ],
    { stdio: 'pipe' },
  );
}

const listening = (server) =>
  new Promise((resolve) => {
    servers.push(server);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });

// Hands what it is asked on to the simulator.
function secured(name) {
  const server = https.createServer(
    { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.pem`)) },
    async (request, response) => {
      server.asked = (server.asked ?? 0) + 1;
      if (request.socket.isSessionReused()) server.reused = true;
      let body = '';
      for await (const bytes of request) body += bytes;
      const answer = await fetch(`http://${sim.address}${request.url}`, { method: 'POST', body });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') });
      response.end(await answer.text());
    },
  );
  return server;
}

before(async () => {
  certificate('here', 'DNS:localhost,IP:127.0.0.1');
  certificate('elsewhere', 'DNS:elsewhere.test');
  sim = await startSim();
});
after(() => {
  for (const server of servers) {
    server.closeAllConnections?.();
    server.close();
  }
  return tidy();
});

const ask = (gateway, model, more) =>
  gateway.client().chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello.' }], ...more });

test('callers connect by TLS', async () => {
  const gateway = await Gateway.start(deployment('m', sim.address), {
    listen: `tls_certificate = "${file('here.pem')}"\ntls_key = "${file('here.key')}"`,
  });
  assert.match(gateway.url, /^https:/);
  const answer = await new Promise((resolve, reject) => {
    const request = https.request(
      `${gateway.url}/v1/models`,
      { ca: readFileSync(file('here.pem')), headers: { authorization: `Bearer ${keys.me}` } },
      async (response) => {
        let body = '';
        for await (const bytes of response) body += bytes;
        resolve({ status: response.statusCode, body });
      },
    );
    request.on('error', reject).end();
  });
  assert.equal(answer.status, 200);
  assert.equal(JSON.parse(answer.body).data[0].id, 'm');
  await assert.rejects(fetch(gateway.url.replace('https', 'http'))); // no plain text there
});

test('an upstream with a right certificate is used, whole and streamed', async () => {
  const server = secured('here');
  const port = await listening(server);
  const gateway = await Gateway.start(
    deployment('by-name', `https://localhost:${port}`) + deployment('by-address', `https://127.0.0.1:${port}`),
    { env: { SSL_CERT_FILE: file('here.pem') } },
  );
  for (const model of ['by-name', 'by-address']) {
    assert.equal((await ask(gateway, model)).choices[0].finish_reason, 'stop');
    let text = '';
    for await (const event of await ask(gateway, model, { stream: true })) text += event.choices[0]?.delta?.content ?? '';
    assert.match(text, /You wrote/);
  }
});

test('a wrong certificate is 502, and nothing is sent', async () => {
  const unknown = secured('here'),
    other = secured('elsewhere');
  const ports = [await listening(unknown), await listening(other)];
  const toml = deployment('unknown', `https://localhost:${ports[0]}`) + deployment('other-name', `https://localhost:${ports[1]}`);
  const gateway = await Gateway.start(once + toml, { env: { SSL_CERT_FILE: file('elsewhere.pem') } });
  for (const model of ['unknown', 'other-name']) {
    await assert.rejects(
      ask(gateway, model),
      (error) => error instanceof OpenAI.InternalServerError && error.status === 502 && error.code === 'upstream_error',
    );
  }
  assert.equal(unknown.asked ?? other.asked, undefined);
  assert.match(gateway.program.err, /certificate|verify/i); // the operator is told why
});

test('an upstream that speaks no TLS, or none at all, is an error in time', async () => {
  const silent = await listening(net.createServer(() => {}));
  const plain = await listening(http.createServer()); // answers 400 to what is no HTTP
  const toml = deployment('plain', `https://127.0.0.1:${plain}`) + deployment('silent', `https://127.0.0.1:${silent}`);
  const gateway = await Gateway.start(`[deadlines]\nconnect = "1s"\n${once}${toml}`);
  await assert.rejects(ask(gateway, 'plain'), (error) => error.status === 502);
  await assert.rejects(ask(gateway, 'silent'), (error) => error.status === 504);
});

test('a certificate that cannot be read ends the start with its name', async () => {
  await assert.rejects(
    Gateway.start(deployment('m', sim.address), { listen: `tls_certificate = "${file('none.pem')}"\ntls_key = "${file('here.key')}"` }),
    /none\.pem/,
  );
});

// tests/e2e/lib/upstream.mjs - upstreams of our own, for what is seen from their side: who connects, what arrives, when it is cancelled.
import http from 'node:http';
import net from 'node:net';

const listening = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${server.address().port}`));
  });

const servers = [];
export function closeUpstreams() {
  for (const server of servers) {
    server.closeAllConnections?.();
    server.close();
  }
}

// Counts connections and hangs up: for places that nothing may reach.
export async function forbiddenPlace() {
  const place = { connections: 0 };
  const server = net.createServer((socket) => {
    place.connections += 1;
    socket.destroy();
  });
  place.address = await listening(server);
  servers.push(server);
  return place;
}

// An address where nobody listens.
export async function emptyPlace() {
  const server = net.createServer();
  const address = await listening(server);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return address;
}

// Starts a server that keeps in `place.bytes` every byte that it is sent.
async function recording(server, place) {
  place.bytes = Buffer.alloc(0);
  server.on('connection', (socket) => {
    socket.prependListener('data', (bytes) => {
      place.bytes = Buffer.concat([place.bytes, bytes]);
    });
  });
  place.address = await listening(server);
  servers.push(server);
  return place;
}

const event = (delta, more = {}) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-own',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'own',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  })}\n\n`;

// A Chat upstream that answers only when told to. `calls` has one object per request: its body and headers, say(), finish(), and closed,
// which is true as soon as the other side has gone.
export async function patientUpstream() {
  const upstream = { calls: [], connections: 0 };
  const server = http.createServer((request, response) => {
    const call = { headers: request.headers, raw: '', closed: false };
    response.on('close', () => {
      call.closed = !response.writableFinished;
    });
    request.on('data', (bytes) => {
      call.raw += bytes;
    });
    request.on('end', () => {
      call.body = JSON.parse(call.raw);
      call.say = (text) => {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(event({ content: text }));
      };
      call.finish = () => {
        if (call.body.stream) response.end(`${event({}, { finish_reason: 'stop' })}data: [DONE]\n\n`);
        else {
          response.setHeader('content-type', 'application/json');
          response.end(
            JSON.stringify({
              id: 'chatcmpl-own',
              object: 'chat.completion',
              created: 1,
              model: 'own',
              choices: [{ index: 0, message: { role: 'assistant', content: 'done' }, finish_reason: 'stop' }],
              usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
            }),
          );
        }
      };
      upstream.calls.push(call);
    });
  });
  server.on('connection', () => {
    upstream.connections += 1;
  });
  upstream.address = await listening(server);
  servers.push(server);
  return upstream;
}

// Keeps every byte that arrives, and answers in the dialect of the path: a provider for the sink test.
export function recorder() {
  const place = { requests: 0 };
  const server = http.createServer((request, response) => {
    place.requests += 1;
    request.resume();
    request.on('end', () => {
      const answer = request.url.includes('/messages')
        ? { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'ok' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } }
        : request.url.includes(':generateContent')
          ? { candidates: [{ content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 } }
          : { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  return recording(server, place);
}

// A Chat upstream that says the last message again, a letter at a time when streamed; with a tool, as that tool's argument `text`. It keeps
// every byte that it is sent.
export function echoUpstream() {
    const server = http.createServer((request, response) => {
    let raw = '';
    request.on('data', (bytes) => {
      raw += bytes;
    });
    request.on('end', () => {
      const body = JSON.parse(raw);
      const said = body.messages.at(-1).content;
      const name = body.tools?.[0].function.name;
      const words = name ? JSON.stringify({ text: said }) : said;
      const call = (more) => [{ index: 0, function: more }];
      if (!body.stream) {
        const message = name
          ? { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: words } }] }
          : { role: 'assistant', content: words };
        response.writeHead(200, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            id: 'chatcmpl-echo',
            object: 'chat.completion',
            created: 1,
            model: body.model,
            choices: [{ index: 0, message, finish_reason: name ? 'tool_calls' : 'stop' }],
            usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
          }),
        );
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (name) response.write(event({ role: 'assistant', tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } }] }));
      for (const letter of words) response.write(event(name ? { tool_calls: call({ arguments: letter }) } : { content: letter }));
      response.end(`${event({}, { finish_reason: name ? 'tool_calls' : 'stop' })}data: [DONE]\n\n`);
    });
  });
  return recording(server, {});
}

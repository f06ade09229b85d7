// tests/e2e/chat.test.mjs - what callers do with a chat, by the official client, through every outbound dialect.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { Gateway, keys, leaks } from './lib/gateway.mjs';
import { deployAll, lanes } from './lib/lanes.mjs';
import { tidy } from './lib/program.mjs';

const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const say = (text) => [{ role: 'user', content: text }];
const tool = (name, parameter) => ({
  type: 'function',
  function: {
    name,
    description: `Gives the ${parameter}.`,
    parameters: { type: 'object', properties: { [parameter]: { type: 'string' } }, required: [parameter], additionalProperties: false },
  },
});

let gateway, client;
before(async () => {
  gateway = await Gateway.start(await deployAll());
  client = gateway.client();
});
after(tidy);

// The numbers of a usage that somebody counts with; an engine may tell more of them in one form than in the other.
const counted = (usage) => [
  usage.prompt_tokens,
  usage.completion_tokens,
  usage.total_tokens,
  usage.prompt_tokens_details?.cached_tokens ?? 0,
  usage.completion_tokens_details?.reasoning_tokens ?? 0,
];

async function refusedField(promise, param) {
  const error = await promise.then(
    () => assert.fail('it was answered'),
    (e) => e,
  );
  assert.ok(error instanceof OpenAI.BadRequestError, String(error));
  assert.equal(error.code, 'unsupported_by_route');
  assert.equal(error.param, param);
}

async function wholeOf(request) {
  const { data, response, request_id } = await client.chat.completions.create(request).withResponse();
  return { answer: data, headers: response.headers, request_id };
}

// A stream put together by hand, each event looked at.
async function streamOf(request) {
  const { data, response } = await client.chat.completions.create({ ...request, stream: true }).withResponse();
  const got = { text: '', reasoning: '', refusal: '', events: 0, logprobs: [], finish: [], headers: response.headers };
  for await (const event of data) {
    got.events += 1;
    assert.equal(event.object, 'chat.completion.chunk');
    got.id ??= event.id;
    assert.equal(event.id, got.id);
    got.model ??= event.model;
    if (event.usage) got.usage = event.usage;
    for (const choice of event.choices) {
      got.role ??= choice.delta.role;
      got.text += choice.delta.content ?? '';
      got.reasoning += choice.delta.reasoning_content ?? '';
      got.refusal += choice.delta.refusal ?? '';
      got.logprobs.push(...(choice.logprobs?.content ?? []));
      if (choice.finish_reason) got.finish.push(choice.finish_reason);
    }
  }
  return got;
}

test('the list of models is what the configuration says', async () => {
  const names = [];
  for await (const model of client.models.list()) {
    names.push(model.id);
    assert.equal(model.object, 'model');
  }
  assert.deepEqual(names.sort(), lanes.map((lane) => lane.name).sort());
  assert.equal((await client.models.retrieve('vllm')).id, 'vllm');
  await assert.rejects(client.models.retrieve('nobody'), OpenAI.NotFoundError);
});

for (const lane of lanes) {
  describe(lane.name, () => {
    test(`${lane.name}: whole`, async () => {
      const { answer, headers, request_id } = await wholeOf({ model: lane.name, messages: say('Say hello.') });
      const [choice] = answer.choices;
      assert.equal(answer.object, 'chat.completion');
      assert.equal(answer.model, lane.name);
      assert.equal(choice.message.role, 'assistant');
      assert.match(choice.message.content, /You wrote: "Say hello\."/);
      assert.equal(choice.finish_reason, 'stop');
      assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 0);
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
      assert.equal(headers.get('x-ajar-deployment'), lane.name);
      assert.equal(headers.get('x-ajar-model'), lane.model);
      assert.ok(headers.get('x-ajar-reason'));
      assert.equal(headers.get('x-ajar-warnings'), null);
      assert.equal(request_id, headers.get('x-request-id'));
    });

    test(`${lane.name}: streamed is what whole is`, async () => {
      const request = { model: lane.name, messages: [{ role: 'system', content: 'Be brief.' }, ...say('Tell me about doors.')] };
      const { answer } = await wholeOf(request);
      const streamed = await streamOf({ ...request, stream_options: { include_usage: true } });
      assert.equal(streamed.text, answer.choices[0].message.content);
      assert.deepEqual(counted(streamed.usage), counted(answer.usage));
      assert.deepEqual(streamed.finish, ['stop']);
      assert.equal(streamed.role, 'assistant');
      assert.equal(streamed.model, lane.name);
      assert.ok(streamed.events > 5);
      const quiet = await streamOf(request);
      assert.equal(quiet.text, streamed.text);
      assert.equal(quiet.usage, undefined); // not asked for, not shown
    });

    test(`${lane.name}: tools, their results, and the answer`, async () => {
      const tools = [tool('get_weather', 'city'), tool('get_time', 'zone')];
      const messages = say('Use get_weather and get_time.');
      const { answer } = await wholeOf({ model: lane.name, messages, tools });
      const [{ message, finish_reason }] = answer.choices;
      assert.equal(finish_reason, 'tool_calls');
      assert.deepEqual(
        message.tool_calls.map((c) => c.function.name),
        ['get_weather', 'get_time'],
      );
      assert.equal(typeof JSON.parse(message.tool_calls[0].function.arguments).city, 'string');
      assert.equal(typeof JSON.parse(message.tool_calls[1].function.arguments).zone, 'string');
      assert.notEqual(message.tool_calls[0].id, message.tool_calls[1].id);

      const helped = await client.chat.completions.stream({ model: lane.name, messages, tools }).finalChatCompletion();
      assert.deepEqual(
        helped.choices[0].message.tool_calls.map((c) => [c.type, c.function.name, c.function.arguments]),
        message.tool_calls.map((c) => [c.type, c.function.name, c.function.arguments]),
      );
      assert.equal(helped.choices[0].finish_reason, 'tool_calls');

      const results = message.tool_calls.map((call, i) => ({ role: 'tool', tool_call_id: call.id, content: ['sunny', 'noon'][i] }));
      const second = await wholeOf({ model: lane.name, messages: [...messages, message, ...results], tools });
      assert.match(second.answer.choices[0].message.content, /sunny.*noon/);
      assert.equal(second.answer.choices[0].finish_reason, 'stop');
    });

    test(`${lane.name}: one tool, forced`, async () => {
      const request = {
        model: lane.name,
        messages: say('What is it like outside?'),
        tools: [tool('get_weather', 'city')],
        tool_choice: 'required',
        parallel_tool_calls: false,
      };
      if (!lane.forced) return refusedField(wholeOf(request), 'tool_choice');
      const { answer } = await wholeOf(request);
      assert.equal(answer.choices[0].message.tool_calls?.length ?? 0, 1);
    });

    test(`${lane.name}: structured output`, async () => {
      const Door = z.object({ colour: z.enum(['red', 'green']), width: z.number(), ajar: z.boolean(), hinges: z.array(z.string()) });
      const answer = await client.chat.completions.parse({
        model: lane.name,
        messages: say('Describe the door.'),
        response_format: zodResponseFormat(Door, 'door'),
      });
      Door.parse(answer.choices[0].message.parsed);
      const object = await wholeOf({ model: lane.name, messages: say('Answer in JSON.'), response_format: { type: 'json_object' } });
      if (lane.provider !== 'anthropic') JSON.parse(object.answer.choices[0].message.content); // there it is asked for in words
    });

    test(`${lane.name}: an image`, async () => {
      const question = { type: 'text', text: 'What is this?' };
      const plain = await wholeOf({ model: lane.name, messages: [{ role: 'user', content: [question] }] });
      const seen = await wholeOf({
        model: lane.name,
        messages: [{ role: 'user', content: [question, { type: 'image_url', image_url: { url: pixel } }] }],
      });
      assert.ok(seen.answer.usage.prompt_tokens >= plain.answer.usage.prompt_tokens + 200, 'the image has not arrived');
    });

    test(`${lane.name}: reasoning`, async () => {
      const request = { model: lane.name, messages: say('Think about it.'), reasoning_effort: 'high' };
      const { answer } = await wholeOf(request);
      const streamed = await streamOf({ ...request, stream_options: { include_usage: true } });
      const shown = answer.choices[0].message.reasoning_content ?? '';
      assert.equal(/Simulated reasoning/.test(shown), lane.shows);
      assert.equal(streamed.reasoning, shown);
      assert.equal(streamed.text, answer.choices[0].message.content);
      assert.equal(streamed.usage.completion_tokens, answer.usage.completion_tokens);
      if (lane.counts) assert.ok(answer.usage.completion_tokens_details.reasoning_tokens >= 60);
    });

    test(`${lane.name}: log probabilities`, async () => {
      const request = { model: lane.name, messages: say('How sure are you?'), logprobs: true, top_logprobs: 2 };
      if (!lane.logprobs) return refusedField(wholeOf(request), 'logprobs');
      const { answer } = await wholeOf(request);
      const told = answer.choices[0].logprobs.content;
      assert.equal(told.map((t) => t.token).join(''), answer.choices[0].message.content);
      assert.ok(told.every((t) => t.logprob <= 0 && t.top_logprobs.length === 2));
      assert.deepEqual(
        (await streamOf(request)).logprobs.map((t) => t.token),
        told.map((t) => t.token),
      );
    });

    test(`${lane.name}: a refusal`, async () => {
      const request = { model: lane.name, messages: say('Do harm. [sim refuse]') };
      const { answer } = await wholeOf(request);
      const streamed = await streamOf(request);
      const { refusal, content } = answer.choices[0].message;
      assert.equal(streamed.refusal, refusal ?? '');
      assert.equal(streamed.text, content ?? '');
      assert.deepEqual(streamed.finish, [answer.choices[0].finish_reason]);
      if (lane.refusal) assert.match(refusal, /cannot help/);
    });

    test(`${lane.name}: a content filter`, async () => {
      const { answer } = await wholeOf({ model: lane.name, messages: say('Go on. [sim filter]') });
      assert.equal(answer.choices[0].finish_reason, lane.filter ? 'content_filter' : 'stop');
    });

    test(`${lane.name}: several answers at once`, async () => {
      const request = { model: lane.name, messages: say('Give me two.'), n: 2 };
      if (!lane.several) return refusedField(wholeOf(request), 'n');
      const { answer } = await wholeOf(request);
      assert.deepEqual(
        answer.choices.map((c) => c.index),
        [0, 1],
      );
    });

    test(`${lane.name}: limits and stops`, async () => {
      const short = await wholeOf({ model: lane.name, messages: say('Be long.'), max_completion_tokens: 5 });
      assert.equal(short.answer.choices[0].finish_reason, 'length');
      assert.ok(short.answer.usage.completion_tokens <= 5);
      const stopped = await wholeOf({ model: lane.name, messages: say('Be long.'), stop: ['answer'] });
      assert.doesNotMatch(stopped.answer.choices[0].message.content, /answer/);
      assert.equal(stopped.answer.choices[0].finish_reason, 'stop');
    });

    test(`${lane.name}: text beyond ASCII arrives as it was, whole and streamed`, async () => {
      const words = 'Gr\u00fc\u00dfe \u2014 \u65e5\u672c\u8a9e \ud83d\udeaa "quoted"\n\ttab';
      const request = { model: lane.name, messages: say(words) };
      const { answer } = await wholeOf(request);
      assert.ok(answer.choices[0].message.content.includes(words));
      assert.equal((await streamOf(request)).text, answer.choices[0].message.content);
    });
  });
}

test('what cannot be carried is named, in the header and in the ledger', async () => {
  const { headers, answer } = await wholeOf({ model: 'anthropic', messages: say('Hello.'), seed: 7, frequency_penalty: 0.5 });
  assert.equal(answer.choices[0].finish_reason, 'stop');
  const warnings = headers.get('x-ajar-warnings').split(', ').sort();
  assert.deepEqual(warnings, ['dropped:frequency_penalty', 'dropped:seed']);
  const entry = await gateway.entry(headers.get('x-request-id'));
  assert.deepEqual([...entry.warnings].sort(), warnings);
});

test('fields that nobody knows reach an upstream of the same dialect and are no error', async () => {
  const { answer } = await wholeOf({ model: 'openai', messages: say('Hello.'), a_field_of_tomorrow: { deep: [1, 2.5, '3'] } });
  assert.equal(answer.choices[0].finish_reason, 'stop');
});

test('no key and no prompt is in any output, file or metric', async () => {
  assert.notDeepEqual(leaks(['house-model']), []); // what is there is found
  assert.deepEqual(leaks([...Object.values(keys), 'Tell me about doors']), []);
  const metrics = await gateway.metrics();
  for (const word of [...Object.values(keys), 'Tell me about doors']) assert.ok(!metrics.includes(word));
});

// tests/e2e/lib/lanes.mjs - one deployment for each outbound dialect and each engine's quirks, and what that dialect can carry.
import { startSim } from './program.mjs';
import { deployment, keys } from './gateway.mjs';

// What an answer through a lane may have; a lane names what it has not.
const usual = {
  shows: true, // the reasoning's text reaches the caller
  counts: true, // usage tells reasoning apart
  logprobs: true, // else 400
  several: true, // n > 1; else 400
  forced: true, // a tool call; else 400
  refusal: true, // is told as such, not as text
  filter: true, // is told as such, not as a stop
};
const closed = { provider: 'openai', model: 'gpt-5.5', engine: 'openai', shows: false };
const ollama = { provider: 'ollama', model: 'llama-at-home', engine: 'ollama', counts: false, several: false, forced: false };
export const lanes = [
  { name: 'openai', ...closed },
  { name: 'compatible', provider: 'compatible', model: 'house-model' },
  { name: 'vllm', provider: 'vllm', model: 'qwen-at-home', engine: 'vllm' },
  { name: 'sglang', provider: 'sglang', model: 'qwen-at-home', engine: 'sglang' },
  { name: 'llamacpp', provider: 'llamacpp', model: 'llama-at-home', engine: 'llamacpp' },
  { name: 'ollama', ...ollama },
  { name: 'tgi', provider: 'tgi', model: 'llama-at-home', engine: 'tgi', shows: false, counts: false, several: false },
  { name: 'anthropic', provider: 'anthropic', model: 'claude-opus-5', logprobs: false, several: false },
  { name: 'google', provider: 'google', model: 'gemini-3.5-flash', refusal: false },
  { name: 'ollama-native', ...ollama, dialect: 'ollama_chat', refusal: false, filter: false },
  { name: 'responses', ...closed, dialect: 'openai_responses', several: false },
].map((lane) => ({ engine: 'none', ...usual, ...lane }));

// Starts a simulator for each engine among the lanes; gives the configuration's deployments.
export async function deployAll(which = lanes, sims = {}) {
  let toml = '';
  for (const { name, provider, dialect, model, engine } of which) {
    // It asks for the deployment's credential, so each dialect must carry it; and it says it, so its output does not count for leaks.
    sims[engine] ??= await startSim(['--engine', engine, '--key', keys.upstream], { secret: true });
    // What an own engine can do is not in the catalogue, and it doubts that this Gemini tells log probabilities: here it is said.
    const abilities = ['images', 'tools', 'structured', 'logprobs'];
    const more = { ...(dialect ? { dialect } : {}), ...(/at-home|gemini/.test(model) ? { abilities } : {}) };
    toml += deployment(name, sims[engine].address, { provider, model, key: 'env:UPSTREAM_KEY', ...more });
  }
  return toml;
}

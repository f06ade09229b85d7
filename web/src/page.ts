// src/page.ts - a plan as a page: the answer, the numbers behind it, the plots.
import { figure, forget } from './charts/chart';
import { costOption } from './charts/cost';
import { latencyOption, type Reading } from './charts/latency';
import { qualityOption, yardsticks } from './charts/quality';
import { tornadoOption } from './charts/tornado';
import { weekOption } from './charts/week';
import { el, table, type Child } from './dom';
import { count, dollars, percent, seconds } from './format';
import { chosen, kinds, type BreakEven, type Named, type Operation, type Option, type Plan, type Quality } from './plan';

const band = (o: Option): string => `${dollars(o.month_usd.p50)} (${dollars(o.month_usd.p10)} to ${dollars(o.month_usd.p90)})`;
// What was measured that the speed is taken from.
const nearness: Record<string, string> = {
  same_setup: 'this set-up', same_pair: 'this model and GPU', same_model: 'this model, otherwise run', new_gpu: 'this model on other GPUs', new_model: 'other models',
};
const list = (items: string[]): HTMLElement => el('ul', {}, ...items.map((i) => el('li', {}, i)));
const section = (title: string, ...children: Child[]): HTMLElement => el('section', {}, el('h2', {}, title), ...children);

function answer(plan: Plan): HTMLElement {
  const best = chosen(plan);
  if (!best) return el('div', { class: 'answer none' }, el('p', { class: 'kind' }, 'Nothing meets all constraints'), list(plan.reasons));
  return el('div', { class: `answer ${best.kind}` },
    el('p', { class: 'kind' }, best.kind), el('p', { class: 'name' }, best.name),
    el('p', { class: 'bill' }, `about ${dollars(best.month_usd.p50)} a month; ${dollars(best.month_usd.p10)} to ${dollars(best.month_usd.p90)} in 80 % of cases`),
    list(plan.reasons));
}

function told(q: Quality): Child {
  const text = `${q.task}: ${q.level}`;
  if (q.benchmark === null) return text;
  const score = `${q.benchmark} ${q.score ?? ''}`;
  return el('span', {}, `${text} (`, q.source?.startsWith('https://') ? el('a', { href: q.source, rel: 'noreferrer' }, score) : score, ')');
}

function lines(items: Child[]): HTMLElement {
  return el('span', { class: 'lines' }, ...items.map((i) => el('span', {}, i)));
}

const speed = (o: Option): Child =>
  o.busiest_hour
    ? lines([`first token ${seconds(o.busiest_hour.ttft_s.p50)}, 99 % ${seconds(o.busiest_hour.ttft_s.p99)}`, `then ${seconds(o.busiest_hour.tpot_s.p50)} each, 95 % ${seconds(o.busiest_hour.tpot_s.p95)}`])
    : "the provider's";

function options(plan: Plan): HTMLElement {
  const best = chosen(plan);
  const possible = plan.options.filter((o) => o.possible);
  const barred = plan.options.filter((o) => !o.possible);
  const rows = (some: Option[]): HTMLElement => table<Option>([
    { head: 'kind', cell: (o) => el('b', { class: `dot ${o.kind}` }, o.kind) },
    { head: 'option', cell: (o) => lines([o.name, o.own && `${o.own.replicas} replica(s), ${percent(o.own.utilisation)} busy; nearest measured: ${nearness[o.own.nearness] ?? o.own.nearness}`, ...o.lacks.map((l) => `not possible: ${l}`)]) },
    { head: '$ a month (80 % band)', cell: (o) => lines([dollars(o.month_usd.p50), `${dollars(o.month_usd.p10)} to ${dollars(o.month_usd.p90)}`]), number: true },
    { head: 'quality', cell: (o) => lines(o.quality.map(told)) },
    { head: 'in the busiest hour', cell: speed },
    { head: 'set-up', cell: (o) => `${count(o.setup_hours)} h`, number: true },
    { head: 'leaves', cell: (o) => percent(o.share_that_leaves), number: true },
  ], some, (o) => (o === best ? 'best' : ''));
  return el('div', {},
    possible.length > 0 && rows(possible),
    barred.length > 0 && el('details', possible.length > 0 ? {} : { open: '' }, el('summary', {}, `${barred.length} option(s) that do not meet the constraints`), rows(barred)));
}

function sentence(b: BreakEven | null): string | null {
  if (!b) return null;
  const from = b.tokens === null ? 'never pays: one more token costs more on own GPUs than over this API' : `pays from ${count(b.tokens)} tokens a month on`;
  const cases = b.band && b.never < 1 && b.band.p90 > 0 ? `; 80 % of cases ${count(b.band.p10)} to ${count(b.band.p90)}` : '';
  return `${b.own} against ${b.api}: ${from}${cases}; never in ${percent(b.never)} of cases.`;
}

function turning(plan: Plan): HTMLElement {
  const even = [sentence(plan.break_even.closed), sentence(plan.break_even.hosted)].filter((s): s is string => s !== null);
  const crossings = plan.curves.cost.crossings;
  return section('What would turn it',
    even.length > 0 && el('h3', {}, 'Break-even'), even.length > 0 && list(even),
    plan.flips.length > 0 && el('h3', {}, 'Inputs'),
    plan.flips.length > 0 && table([
      { head: 'input', cell: (f) => f.input },
      { head: 'now', cell: (f) => count(f.now), number: true },
      { head: 'turns at', cell: (f) => count(f.then), number: true },
      { head: 'to', cell: (f) => f.to },
    ], plan.flips),
    crossings.length > 0 && el('details', {}, el('summary', {}, `All ${crossings.length} crossing(s) by volume`),
      table([{ head: 'from, tokens a month', cell: (c) => count(c.tokens), number: true }, { head: 'cheapest', cell: (c) => c.to }, { head: 'before', cell: (c) => c.from }], crossings)));
}

function latency(plan: Plan, op: Operation): HTMLElement[] {
  const busiest = plan.options.find((o) => o.name === op.name && o.kind === op.kind)?.busiest_hour?.load;
  const plot = (title: string, reading: Reading) =>
    figure(`${title}, ${op.kind}`, `${op.name}; simulated with requests that come at random. Beyond what the engines carry waiting grows without end.`, () => latencyOption(op.latency, busiest, reading));
  return [
    plot('To the first token', { of: (l) => l.ttft_s, tail: 'p99', target: plan.workload.ttft_s }),
    plot('Between tokens', { of: (l) => l.tpot_s, tail: 'p95', target: plan.workload.tpot_ms / 1e3 }),
  ];
}

function quality(plan: Plan): HTMLElement | null {
  const sticks = yardsticks(plan);
  if (sticks.length === 0) return null;
  const choice = el('select', { id: 'yardstick' }, ...sticks.map((s, i) => el('option', { value: String(i) }, `${s.task}: ${s.benchmark} (${s.options})`)));
  const place = el('div');
  const draw = () => {
    const by = sticks[Number(choice.value)];
    if (by) place.replaceChildren(figure('Quality against cost', 'Each point is an option that was looked at; the diamond is the recommended one, hollow ones do not meet the constraints. Of two models that share the work the weaker counts.', () => qualityOption(plan, by)));
  };
  choice.addEventListener('change', draw);
  draw();
  return el('div', {}, el('label', { for: 'yardstick' }, 'measured by '), choice, place);
}

function asked(plan: Plan): HTMLElement {
  const w = plan.workload;
  const yes = (b: boolean): string => (b ? 'yes' : 'no');
  const rows: [string, string][] = [
    ['tokens a month', `${count(w.tokens)}, ${percent(w.input_share)} of it input`],
    ['requests', `${count(w.requests)} of ${count(w.request_input)} input tokens`],
    ['tasks', Object.entries(w.mix).map(([task, share]) => `${task} ${percent(share)}`).join(', ')],
    ['quality asked for', w.quality],
    ['may not leave without a contract', `${percent(w.sensitive)}; a contract exists: ${w.contract ? 'with all' : w.contracts.length > 0 ? `with ${w.contracts.join(', ')}` : 'no'}`],
    ["in a provider's cache", percent(w.cached)],
    ['reasoning nobody sees', `${percent(w.reasoning)} of the output`],
    ['may wait for a day', percent(w.batch)],
    ['busiest hour', `${count(w.peak)} times the mean`],
    ['targets', `${seconds(w.ttft_s)} to the first token, ${count(w.tpot_ms)} ms between tokens`],
    ['team', `${w.team} experience with own engines`],
    ['GPUs', `${w.gpus}; a spare replica: ${yes(w.spare)}`],
    ['from more than one place', yes(w.portable)],
    ['weights of your own', yes(w.own_weights)],
    ['prices of', plan.at.slice(0, 10)],
  ];
  return section('What was asked', table<[string, string]>([{ head: 'input', cell: ([what]) => what }, { head: 'value', cell: ([, value]) => value }], rows));
}

function show(plan: Plan): HTMLElement {
  const { cost, bars } = plan.curves;
  return el('div', {},
    answer(plan),
    section('Options', options(plan)),
    section('Plots', el('div', { class: 'plots' },
      cost.lines.length > 0 && figure('Cost against volume', 'The cheapest possible option of each kind; bands hold 80 % of cases, dotted lines are the volumes at which another kind becomes the cheapest.', () => costOption(plan), 400),
      bars.length > 0 && figure('What moves the bill', `Of the recommended option, ${dollars(plan.curves.central_usd)} by the central numbers: one thing moved from what is passed from below in 10 % of cases to 90 %, all else in the middle.`, () => tornadoOption(plan), 90 + 44 * bars.length),
      ...plan.operations.map((op) => figure(`A week, ${op.kind}`, `${op.name}, hour by hour.`, () => weekOption(op))),
      ...plan.operations.flatMap((op) => latency(plan, op)),
      quality(plan))),
    turning(plan),
    asked(plan));
}

function beside(plans: Named[]): HTMLElement {
  const best = (n: Named): Option | undefined => chosen(n.plan);
  const of = (f: (o: Option) => string) => (n: Named): string => { const o = best(n); return o ? f(o) : '-'; };
  const rows: [string, (n: Named) => string][] = [
    ['tokens a month', (n) => count(n.plan.workload.tokens)],
    ['recommended', (n) => n.plan.recommended?.kind ?? 'nothing meets all'],
    ['which is', of((o) => o.name)],
    ['$ a month', of(band)],
    ['$ per million tokens', (n) => { const o = best(n); return o ? dollars((o.month_usd.p50 / n.plan.workload.tokens) * 1e6) : '-'; }],
    ['leaves', of((o) => percent(o.share_that_leaves))],
    ...kinds.map((kind): [string, (n: Named) => string] => [`best ${kind}`, (n) => { const o = n.plan.options.find((x) => x.kind === kind && x.possible); return o ? dollars(o.month_usd.p50) : 'not possible'; }]),
  ];
  return section('Side by side', table<(typeof rows)[number]>([
    { head: '', cell: ([what]) => what },
    ...plans.map((n) => ({ head: n.name, cell: ([, value]: (typeof rows)[number]) => value(n) })),
  ], rows));
}

export function page(plans: Named[]): HTMLElement {
  const shown = el('div');
  const first = plans[0];
  const put = (n: Named | undefined) => {
    forget();
    if (n) shown.replaceChildren(show(n.plan));
  };
  put(first);
  const several = plans.length > 1;
  const choice = el('select', { id: 'plan' }, ...plans.map((n, i) => el('option', { value: String(i) }, n.name)));
  choice.addEventListener('change', () => put(plans[Number(choice.value)]));
  return el('div', {},
    el('header', {}, el('h1', {}, several ? 'Ajar plans' : 'Ajar plan'), el('p', {}, `computed for ${first?.plan.at.slice(0, 10) ?? ''}`)),
    several && beside(plans),
    several && el('p', { class: 'choice' }, el('label', { for: 'plan' }, 'plan '), choice),
    shown);
}

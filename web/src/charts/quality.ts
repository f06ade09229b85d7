// src/charts/quality.ts - a benchmark's score against the bill; scores of different benchmarks are never put on one axis.
import type { EChartsOption } from 'echarts';
import { dollars } from '../format';
import { kinds, type Plan } from '../plan';
import { colours } from './chart';

export interface Yardstick { task: string; benchmark: string; options: number }

// Those that most options were judged by come first.
export function yardsticks(plan: Plan): Yardstick[] {
  const known = new Map<string, Yardstick>();
  for (const c of plan.field)
    for (const q of c.quality) {
      if (q.benchmark === null) continue;
      const key = JSON.stringify([q.task, q.benchmark]);
      const one = known.get(key) ?? { task: q.task, benchmark: q.benchmark, options: 0 };
      one.options += 1;
      known.set(key, one);
    }
  return [...known.values()].sort((a, b) => b.options - a.options);
}

export function qualityOption(plan: Plan, by: Yardstick): EChartsOption {
  const points = plan.field.flatMap((c) => {
    const score = c.quality.find((q) => q.task === by.task && q.benchmark === by.benchmark)?.score;
    return score === null || score === undefined || c.month_usd <= 0 ? [] : [{ ...c, score }];
  });
  return {
    tooltip: {
      trigger: 'item',
      formatter: (given) => {
        const p = (Array.isArray(given) ? given[0] : given)?.data as { name: string; value: [number, number]; possible: boolean } | undefined;
        return p ? `<b>${p.name}</b><br>${by.benchmark} ${p.value[1]}, ${dollars(p.value[0])} a month${p.possible ? '' : '<br>does not meet the constraints'}` : '';
      },
    },
    xAxis: { type: 'log', name: '$ a month', nameLocation: 'middle', nameGap: 26, axisLabel: { formatter: (v: number) => dollars(v).replace('.00', '') }, splitLine: { show: false } },
    yAxis: { type: 'value', scale: true, name: by.benchmark, nameTextStyle: { align: 'left' } },
    series: kinds.map((kind) => ({
      name: kind, type: 'scatter' as const, color: colours[kind], symbolSize: 9,
      data: points.filter((p) => p.kind === kind).map((p) => ({
        name: p.name, value: [p.month_usd, p.score], possible: p.possible,
        symbol: p.name === plan.recommended?.name ? 'diamond' : p.possible ? 'circle' : 'emptyCircle',
        symbolSize: p.name === plan.recommended?.name ? 16 : 9,
      })),
    })).filter((s) => s.data.length > 0),
  };
}

// src/charts/latency.ts - how long one waits at which load of the own engines.
import type { EChartsOption } from 'echarts';
import { percent, seconds } from '../format';
import type { Latency, Quantiles } from '../plan';

export interface Reading { of: (l: Latency) => Quantiles; tail: 'p95' | 'p99'; target: number }

export function latencyOption(points: Latency[], busiest: number | undefined, { of, tail, target }: Reading): EChartsOption {
  const line = (name: string, color: string, value: (q: Quantiles) => number) =>
    ({ name, type: 'line' as const, color, symbolSize: 5, data: points.map((p) => [p.load, value(of(p))]) });
  const last = points[points.length - 1]?.load ?? 1;
  return {
    tooltip: { trigger: 'axis', valueFormatter: (v) => seconds(Number(v)), axisPointer: { label: { formatter: ({ value }) => percent(Number(value)) } } },
    xAxis: { type: 'value', min: 0, max: last, name: 'load, of what the engines carry', nameLocation: 'middle', nameGap: 26, axisLabel: { formatter: (v: number) => percent(v) }, splitLine: { show: false } },
    yAxis: { type: 'log', axisLabel: { formatter: (v: number) => seconds(v) } },
    series: [
      { ...line('half wait less', '#0072b2', (q) => q.p50),
        markLine: { symbol: 'none', silent: true, data: [
          { yAxis: target, lineStyle: { color: '#d55e00', type: 'dashed' }, label: { formatter: 'target', position: 'insideEndTop', color: '#d55e00' } },
          ...(busiest === undefined ? [] : [{ xAxis: busiest, lineStyle: { color: '#888', type: 'dotted' as const }, label: { formatter: 'busiest hour', color: '#888' } }]),
        ] } },
      line(`${tail.slice(1)} of 100 wait less`, '#cc79a7', (q) => q[tail]),
    ],
  };
}

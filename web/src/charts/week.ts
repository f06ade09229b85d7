// src/charts/week.ts - the hours of a week: what own engines carry, what leaves, and what they could carry.
import type { EChartsOption } from 'echarts';
import { count } from '../format';
import type { Operation } from '../plan';
import { colours } from './chart';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const hour = (i: number): string => `${days[Math.floor(i / 24)] ?? ''} ${String(i % 24).padStart(2, '0')}:00`;

export function weekOption({ hours }: Operation): EChartsOption {
  const out = hours.load.map((load, i) => Math.max(0, load - (hours.home[i] ?? 0)));
  const leaves = Math.max(...out) > 0;
  const area = (name: string, color: string, data: number[]) =>
    ({ name, type: 'line' as const, stack: 'load', showSymbol: false, color, lineStyle: { width: 1 }, areaStyle: { opacity: 0.5 }, data });
  return {
    tooltip: { trigger: 'axis', valueFormatter: (v) => `${count(Number(v))} tokens/s` },
    xAxis: { type: 'category', boundaryGap: false, data: hours.load.map((_, i) => hour(i)), axisTick: { interval: (i: number) => i % 24 === 0 }, axisLabel: { interval: (i: number) => i % 24 === 12, formatter: (v: string) => v.slice(0, 3) } },
    yAxis: { type: 'value', name: 'output tokens/s', nameTextStyle: { align: 'left' }, axisLabel: { formatter: (v: number) => count(v) } },
    series: [
      area('own engines', colours.own, hours.home),
      ...(leaves ? [area('API', colours.closed, out)] : []),
      { name: 'engines can carry', type: 'line', showSymbol: false, color: '#d55e00', lineStyle: { type: 'dashed', width: 1.5 }, data: hours.load.map(() => hours.room) },
    ],
  };
}

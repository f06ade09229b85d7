// src/charts/tornado.ts - what moves the bill: from its value in the 10th to that in the 90th of 100 cases, the widest on top.
import type { EChartsOption } from 'echarts';
import { dollars } from '../format';
import type { Plan } from '../plan';

export function tornadoOption(plan: Plan): EChartsOption {
  const bars = [...plan.curves.bars].reverse();
  const middle = plan.curves.central_usd;
  const side = (name: string, color: string, end: (b: (typeof bars)[number]) => number) =>
    ({ name, type: 'bar' as const, stack: 'bar', color, barMaxWidth: 22, data: bars.map((b) => end(b) - middle) });
  return {
    grid: { left: 150, right: 24, top: 40, bottom: 44 },
    tooltip: {
      trigger: 'axis', axisPointer: { type: 'shadow' },
      formatter: (given) => {
        const b = bars[(Array.isArray(given) ? given[0] : given)?.dataIndex ?? -1];
        return b ? `<b>${b.input}</b><br>${b.low.toFixed(2)} times what is expected: ${dollars(b.low_usd)}<br>${b.high.toFixed(2)} times: ${dollars(b.high_usd)}` : '';
      },
    },
    xAxis: { type: 'value', scale: true, splitNumber: 4, name: '$ a month', nameLocation: 'middle', nameGap: 26, axisLabel: { formatter: (v: number) => dollars(v + middle) } },
    yAxis: { type: 'category', data: bars.map((b) => b.input), axisTick: { show: false }, axisLabel: { width: 140, overflow: 'break', lineHeight: 14, hideOverlap: false } },
    series: [side('lower than expected', '#56b4e9', (b) => b.low_usd), side('higher than expected', '#d55e00', (b) => b.high_usd)],
  };
}

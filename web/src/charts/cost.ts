// src/charts/cost.ts - the bill against the volume: a line and its band for each kind, every crossing.
import type { CustomSeriesRenderItem, EChartsOption, SeriesOption } from 'echarts';
import { count, dollars } from '../format';
import type { Plan } from '../plan';
import { colours } from './chart';

export function costOption(plan: Plan): EChartsOption {
  const { volumes, lines, crossings } = plan.curves.cost;
  const series: SeriesOption[] = [];
  for (const line of lines) {
    const band: CustomSeriesRenderItem = (params, api) => {
      if (params.dataIndex !== 0) return null;
      const upper = line.month_usd.map((b, i) => api.coord([volumes[i] ?? 0, b.p90]));
      const lower = line.month_usd.map((b, i) => api.coord([volumes[i] ?? 0, b.p10]));
      return { type: 'polygon', shape: { points: [...upper, ...lower.reverse()] }, style: { fill: colours[line.kind], opacity: 0.15 }, silent: true };
    };
    series.push({ name: line.kind, type: 'custom', clip: true, renderItem: band, data: volumes.map((v, i) => [v, line.month_usd[i]?.p50 ?? 0]), color: colours[line.kind], silent: true, tooltip: { show: false } });
    series.push({ name: line.kind, type: 'line', showSymbol: false, color: colours[line.kind], lineStyle: { width: 2 }, data: volumes.map((v, i) => [v, line.month_usd[i]?.p50 ?? 0]) });
  }
  const marks = [
    ...crossings.map((c) => ({ xAxis: c.tokens, lineStyle: { type: 'dotted' as const, color: '#888', width: 1 }, label: { show: false } })),
    { xAxis: plan.workload.tokens, lineStyle: { type: 'solid' as const, color: '#d55e00', width: 1.5 }, label: { formatter: 'you', color: '#d55e00', position: 'end' as const, distance: 2 } },
  ];
  const last = series[series.length - 1];
  if (last) Object.assign(last, { markLine: { symbol: 'none', silent: true, data: marks } });
  const all = lines.flatMap((l) => l.month_usd);
  const floor = Math.max(0.01, Math.min(...all.map((b) => b.p10)));
  return {
    legend: { data: lines.map((l) => l.kind) },
    tooltip: {
      trigger: 'axis',
      formatter: (given) => {
        const at = (Array.isArray(given) ? given : [given]).find((p) => p.seriesType === 'line')?.dataIndex;
        if (at === undefined) return '';
        const rows = lines.map((l) => {
          const b = l.month_usd[at];
          return b ? `<b>${l.kind}</b> ${dollars(b.p50)} (${dollars(b.p10)} to ${dollars(b.p90)})` : '';
        });
        return [`${count(volumes[at] ?? 0)} tokens a month`, ...rows].join('<br>');
      },
    },
    xAxis: { type: 'log', min: volumes[0], max: volumes[volumes.length - 1], name: 'tokens a month', nameLocation: 'middle', nameGap: 26, axisLabel: { formatter: (v: number) => count(v) }, splitLine: { show: false } },
    yAxis: { type: 'log', min: 10 ** Math.floor(Math.log10(floor)), name: '$ a month', nameLocation: 'end', axisLabel: { formatter: (v: number) => dollars(v).replace('.00', '') } },
    dataZoom: [{ type: 'inside', filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: true }],
    series,
  };
}

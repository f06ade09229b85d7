// src/charts/chart.ts - a plot in a figure: drawn as SVG, fitted to the window and to paper, light and dark.
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, DataZoomInsideComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts';
import { el } from '../dom';
import type { Kind } from '../plan';

echarts.use([BarChart, CustomChart, LineChart, ScatterChart, AriaComponent, DataZoomInsideComponent, GridComponent, LegendComponent,
  MarkLineComponent, TooltipComponent, SVGRenderer]);

// Okabe and Ito's colours, told apart by colour-blind eyes.
export const colours: Record<Kind, string> = { closed: '#0072b2', hosted: '#d98a00', own: '#009e73', hybrid: '#cc79a7' };

const paper = 660;  // px, less than the width of A4 and Letter between their margins
const drawn = new Set<{ chart: echarts.ECharts; draw: () => void }>();
const dark = window.matchMedia('(prefers-color-scheme: dark)');

const ink = (light: boolean) => (light ? { text: '#333', line: '#bbb', split: '#e8e8e8', back: '#fff' } : { text: '#ccc', line: '#666', split: '#333', back: '#222' });

function dressed(option: EChartsOption, light: boolean): EChartsOption {
  const c = ink(light);
  const axis = (a: unknown) => ({
    axisLine: { lineStyle: { color: c.line } },
    splitLine: { lineStyle: { color: c.split } },
    nameTextStyle: { color: c.text },
    ...(a as object),
    axisLabel: { color: c.text, hideOverlap: true, ...((a as { axisLabel?: object }).axisLabel ?? {}) },
  });
  return {
    animation: false,
    textStyle: { fontFamily: 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif', color: c.text },
    aria: { enabled: true },
    grid: { left: 8, right: 16, top: 48, bottom: 28, containLabel: true },
    ...option,
    legend: { top: 0, left: 0, type: 'plain', textStyle: { color: c.text }, ...(option.legend as object) },
    tooltip: { confine: true, backgroundColor: c.back, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, ...(option.tooltip as object) },
    xAxis: axis(option.xAxis),
    yAxis: axis(option.yAxis),
  } as EChartsOption;
}

// `option` is asked for again when light changes to dark.
export function figure(title: string, caption: string, option: () => EChartsOption, height = 340): HTMLElement {
  const host = el('div', { class: 'plot', style: `height:${height}px` });
  const made = el('figure', {}, el('h3', {}, title), host, el('figcaption', {}, caption));
  requestAnimationFrame(() => {
    const chart = echarts.init(host, null, { renderer: 'svg' });
    const draw = () => chart.setOption(dressed(option(), !dark.matches || printing), true);
    draw();
    drawn.add({ chart, draw });
    new ResizeObserver(() => { if (!printing) chart.resize(); }).observe(host);
  });
  return made;
}

export function forget(): void {
  for (const { chart } of drawn) chart.dispose();
  drawn.clear();
}

let printing = false;
function fit(onPaper: boolean): void {
  printing = onPaper;
  for (const { chart, draw } of drawn) {
    draw();
    chart.resize(onPaper ? { width: paper } : { width: 'auto' });
    chart.getZr().flush();   // paper does not wait for the next frame
  }
}
window.addEventListener('beforeprint', () => fit(true));
window.addEventListener('afterprint', () => fit(false));
dark.addEventListener('change', () => fit(false));

// src/format.ts - numbers as people read them.
const units: [number, string][] = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'K']];

const three = (n: number): string => {
  const digits = n === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(n))));
  return String(Number(n.toFixed(Math.min(digits, 6))));
};

export function count(n: number): string {
  const unit = units.find(([size]) => Math.abs(n) >= size);
  return unit ? three(n / unit[0]) + unit[1] : three(n);
}

export const dollars = (n: number): string => '$' + (Math.abs(n) < 1e3 ? (Math.abs(n) < 100 ? n.toFixed(2) : n.toFixed(0)) : count(n));
export const percent = (share: number): string => three(100 * share) + ' %';
export const seconds = (s: number): string => (s < 1 ? three(s * 1e3) + ' ms' : three(s) + ' s');

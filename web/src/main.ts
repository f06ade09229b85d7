// src/main.ts - reads the plans that the page holds and shows them.
import './style.css';
import { page } from './page';
import type { Named } from './plan';

const held: unknown = JSON.parse(document.getElementById('plans')?.textContent ?? 'null');
const plans = (held as { plans?: Named[] } | null)?.plans;
document.getElementById('page')?.replaceChildren(
  plans?.length ? page(plans) : 'This page holds no plan: `ajar plan --html FILE` writes one that does.');

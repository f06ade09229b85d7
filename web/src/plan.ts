// src/plan.ts - what `ajar plan --json` says of a plan: the types that the pages read.
export type Kind = 'closed' | 'hosted' | 'own' | 'hybrid';
export const kinds: Kind[] = ['closed', 'hosted', 'own', 'hybrid'];

export interface Band { p10: number; p50: number; p90: number }
export interface Quantiles { p50: number; p90: number; p95: number; p99: number }

export interface Latency { load: number; ttft_s: Quantiles; tpot_s: Quantiles }

export interface Quality { task: string; level: string; benchmark: string | null; score: number | null; source: string | null }

export interface Option {
  kind: Kind;
  name: string;
  month_usd: Band;
  setup_hours: number;
  share_that_leaves: number;
  possible: boolean;
  lacks: string[];
  quality: Quality[];
  own?: { gpu: string; gpus: number; replicas: number; utilisation: number; nearness: string };
  busiest_hour?: Latency;
}

export interface BreakEven { own: string; api: string; tokens: number | null; band: Band | null; never: number }

export interface Line { kind: Kind; name: string; month_usd: Band[] }
export interface Crossing { tokens: number; from: string; to: string }
export interface Bar { input: string; low: number; high: number; low_usd: number; high_usd: number }

// Output tokens per second in each hour of a week, from Monday's first on.
export interface Hours { load: number[]; home: number[]; room: number }
export interface Operation { kind: Kind; name: string; hours: Hours; latency: Latency[] }

export interface Candidate { kind: Kind; name: string; month_usd: number; possible: boolean; quality: Quality[] }

export interface Workload {
  tokens: number;
  input_share: number;
  request_input: number;
  requests: number;
  mix: Record<string, number>;
  sensitive: number;
  contract: boolean;
  contracts: string[];
  cached: number;
  reasoning: number;
  batch: number;
  peak: number;
  ttft_s: number;
  tpot_ms: number;
  quality: string;
  team: string;
  portable: boolean;
  own_weights: boolean;
  gpus: string;
  spare: boolean;
}

export interface Plan {
  workload: Workload;
  at: string;
  recommended: { kind: Kind; name: string } | null;
  reasons: string[];
  options: Option[];
  break_even: { closed: BreakEven | null; hosted: BreakEven | null };
  flips: { input: string; now: number; then: number; to: Kind }[];
  curves: { cost: { volumes: number[]; lines: Line[]; crossings: Crossing[] }; central_usd: number; bars: Bar[] };
  operations: Operation[];
  field: Candidate[];
}

export interface Named { name: string; plan: Plan }

export const chosen = (plan: Plan): Option | undefined =>
  plan.options.find((o) => o.name === plan.recommended?.name && o.kind === plan.recommended.kind);

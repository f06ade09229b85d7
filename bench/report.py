#!/usr/bin/env python3
# bench/report.py - from single measurements to medians, ratios and spreads; as a table and as JSON.
import statistics

QUANTILES = ("p50", "p99", "p999")


def quartile(values):
    """The lower quartile: the quiet state of a machine with noisy neighbours."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 4]


def spread(values, digits=2):
    """Median, lower quartile, extremes."""
    if not values:
        return None
    return {"median": round(statistics.median(values), digits), "q25": round(quartile(values), digits),
            "min": round(min(values), digits), "max": round(max(values), digits)}


class Case:
    """One kind of load: what each proxy cost, round by round."""

    def __init__(self, name, title, load, unit="request", target=None, goal=None, **settings):
        self.name, self.title, self.load, self.unit, self.target, self.goal, self.settings = name, title, load, unit, target, goal, settings
        self.rounds = []   # [{proxy: measured}]

    def values(self, proxy, key):
        return [r[proxy][key] for r in self.rounds if proxy in r]

    def ratios(self, proxy):
        """HAProxy's CPU / this proxy's, within each round; above 1 is cheaper than HAProxy."""
        return [r["haproxy"]["cpu_us"] / r[proxy]["cpu_us"] for r in self.rounds if proxy in r and "haproxy" in r]

    def latency(self, proxy):
        return {q: round(statistics.median([v[q] for v in self.values(proxy, "latency_us")]), 1) for q in QUANTILES}

    def added_latency(self, proxy):
        """Against the upstream without proxy, within each round: a difference of quantiles, not a quantile of differences."""
        pairs = [(r[proxy]["latency_us"], r["direct"]["latency_us"]) for r in self.rounds if proxy in r and "direct" in r]
        return {q: round(statistics.median([a[q] - b[q] for a, b in pairs]), 1) for q in QUANTILES} if pairs else None

    def proxy_json(self, proxy):
        out = {"latency_us": self.latency(proxy), "per_second": round(statistics.median(self.values(proxy, "per_second")))}
        if proxy == "direct":
            return out
        cpu, helpers = self.values(proxy, "cpu_us"), self.values(proxy, "helpers_us")
        out |= {"cpu_us": spread(cpu), "per_second_per_core": round(1e6 / statistics.median(cpu)), "busy": round(statistics.median(self.values(proxy, "busy")), 2),
                "side_busy": round(statistics.median(self.values(proxy, "side_busy")), 2), "added_latency_us": self.added_latency(proxy)}
        if self.ratios(proxy):
            out["ratio"] = spread(self.ratios(proxy), 3)
        if any(helpers):
            out["helpers_us"] = {name: round(statistics.median([h.get(name, 0) for h in helpers]), 2) for name in sorted(helpers[0])}
        return out

    def json(self):
        proxies = {p: self.proxy_json(p) for p in ("direct", "haproxy", "nginx", "ajar") if self.rounds and p in self.rounds[0]}
        ajar = proxies.get("ajar", {})
        return {"name": self.name, "title": self.title, "unit": self.unit, "load": self.load, "settings": self.settings, "rounds": len(self.rounds),
                "cpu_us": ajar.get("cpu_us", {}).get("median"), "ratio": ajar.get("ratio", {}).get("median"),
                "ratio_spread": ajar.get("ratio"), "target": self.target, "goal": self.goal,
                "per_second_per_core": ajar.get("per_second_per_core"), "added_latency_us": ajar.get("added_latency_us"), "proxies": proxies}


def table(rows, heads):
    """Rows of text under heads; numbers to the right."""
    cells = [heads] + [["" if c is None else str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]

    def line(row):
        return "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))).rstrip()
    return "\n".join([line(cells[0]), "  ".join("-" * w for w in widths)] + [line(row) for row in cells[1:]])


def triple(values):
    return " / ".join(f"{values[q]:.0f}" for q in QUANTILES) if values else ""


def case_table(case):
    rows = []
    for name, p in case["proxies"].items():
        if name == "direct":
            rows.append([name, "", "", "", "", "", p["per_second"], "", triple(p["latency_us"]), ""])
            continue
        cpu, ratio = p["cpu_us"], p.get("ratio")
        rows.append([name, f"{cpu['median']:.1f}", f"{cpu['q25']:.1f}", f"{cpu['min']:.1f}-{cpu['max']:.1f}",
                     f"{ratio['median']:.2f}" if ratio else "", f"{ratio['min']:.2f}-{ratio['max']:.2f}" if ratio else "",
                     p["per_second"], p["per_second_per_core"], triple(p["latency_us"]), triple(p["added_latency_us"])])
    heads = ["", f"us/{case['unit']}", "q25", "min-max", "R", "R min-max", "per s", "per s and core", "latency us p50/p99/p99.9", "added"]
    side = [f"{name}: {us:.2f} us" for name, us in case["proxies"].get("ajar", {}).get("helpers_us", {}).items()]
    busy = ", ".join(f"{n} {p['busy']:.2f}|{p['side_busy']:.2f}" for n, p in case["proxies"].items() if "busy" in p)
    text = f"{case['title']} ({case['rounds']} rounds)\n{table(rows, heads)}\nbusy, proxy core|other core: {busy}"
    return text + (f"\nAjar's threads on the other core, per {case['unit']}: {', '.join(side)}" if side else "")


def target_rows(result):
    """[(what, measured, limit, goal, met)] of what has been measured."""
    rows = []
    for case in result["cases"]:
        if case["target"] and case["ratio"] is not None:
            rows.append({"what": f"R, {case['title']}", "measured": case["ratio"], "at_least": case["target"], "goal": case["goal"], "met": case["ratio"] >= case["target"]})

    def limit(what, measured, most):
        if measured is not None:
            rows.append({"what": what, "measured": measured, "below": most, "met": measured < most})
    memory = result.get("memory", {}).get("ajar", {})
    limit("KiB of user memory per idle stream", memory.get("kib_per_idle_stream"), 6)
    limit("KiB of growth while a stream gets longer", memory.get("growth_kib"), 512)
    start = result.get("start", {})
    limit("ms from start to the first answer", (start.get("first_answer_ms") or {}).get("median"), 100)
    limit("MiB resident when idle", start.get("idle_rss_mib"), 20)
    limit("MiB of program", start.get("binary_mib"), 20)
    return rows


def full_text(result):
    parts = ["measured on: " + ", ".join(f"{k} {v}" for k, v in result["machine"].items())]
    proof = result["omission_proof"]
    parts.append(f"coordinated omission: the upstream stood still for {proof['stall_us'] / 1000:.0f} ms; p99 is known to be {proof['known_p99_us'] / 1000:.0f} ms; "
                 f"measured from when requests were due {proof['corrected_p99_us'] / 1000:.0f} ms, from when they were sent {proof['naive_p99_us'] / 1000:.1f} ms")
    parts += [case_table(case) for case in result["cases"]]
    if "memory" in result:
        rows = [[name, m["kib_per_idle_stream"], m["kib_per_idle_stream_at_once"], m["idle_streams"], m["growth_kib"], m["growth_events"]] for name, m in result["memory"].items()]
        parts.append("Memory (growth of anonymous memory)\n" + table(rows, ["", "KiB per idle stream", "opened at once", "streams", "KiB grown", "over events"]))
    if "ablation" in result:
        for part in result["ablation"]:
            rows = [[r["features"], f"{r['cpu_us']['median']:.2f}", f"{r['cpu_us']['q25']:.2f}", f"{r['difference_us']:+.2f}", f"{r['difference_spread'][0]:+.2f} to {r['difference_spread'][1]:+.2f}"] for r in part["rows"]]
            parts.append(f"What each feature costs, {part['title']} ({part['rounds']} rounds)\n" + table(rows, ["", "us/request", "q25", "against all on", "min to max"]))
    if "start" in result:
        s = result["start"]
        parts.append(f"Ajar: first answer {s['first_answer_ms']['median']:.1f} ms after the start ({s['first_answer_ms']['min']:.1f}-{s['first_answer_ms']['max']:.1f}; {s['first_answer_cpu_ms']['median']:.1f} ms of CPU), idle {s['idle_rss_mib']:.1f} MiB resident "
                     f"({s['idle_anon_mib']:.1f} anonymous), program {s['binary_mib']:.2f} MiB, {'stripped' if s['stripped'] else 'not stripped'}")
    if result["targets"]:
        rows = [[t["what"], t["measured"], f">= {t['at_least']}" if "at_least" in t else f"< {t['below']}", t.get("goal", ""), "yes" if t["met"] else "NO"] for t in result["targets"]]
        parts.append("Targets\n" + table(rows, ["", "measured", "wanted", "goal", "met"]))
    parts.append("R = HAProxy's CPU / the proxy's CPU, the median over rounds of the ratio within a round; above 1 is cheaper than HAProxy.")
    return "\n\n".join(parts)

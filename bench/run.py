#!/usr/bin/env python3
# bench/run.py - measures Ajar beside HAProxy and nginx on this machine; ./dev bench runs it.
"""Usage: run.py [--quick] [--json] [--cases LIST] [--rounds N] [--seconds S] [--without LIST] [--build FOLDER]

The proxy under test runs on the first core, load generator and upstream on the second. Rounds are interleaved: in each, every proxy has its
turn at every load, in a rotating order. Progress goes to standard error; the table, or with --json one object, to standard output.
"""
import argparse
import json
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
import proc  # noqa: E402
import report  # noqa: E402
from rig import HELPERS, MOST_STREAMS, Failure, Rig  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("2kb", "100kb", "stream", "memory", "start", "ablation")
SIZES = {"2kb": 2048, "100kb": 102400}
CONNECTIONS, OPEN_CONNECTIONS = 16, 64
STREAMS, EVENTS = 200, 100


def say(text):
    print(f"[{time.monotonic() - START:6.1f} s] {text}", file=sys.stderr, flush=True)


START = time.monotonic()


class Bench:
    def __init__(self, options, rig):
        self.options, self.rig = options, rig
        self.seconds, self.warmup = options.seconds, 0.2 if options.quick else 0.3
        self.upstream = rig.upstream()
        self.proxies = [p for p in ("haproxy", "nginx", "ajar") if p not in options.without]

    # The instrument.

    def check_instrument(self):
        say("checking the load generator itself")
        done = subprocess.run([self.rig.binaries / "load", "--self-test"], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Failure(f"the load generator fails its own test:\n{done.stderr}")

    def prove_omission(self):
        say("injecting a stall: are latencies corrected for coordinated omission?")
        window, stall = (2, 400) if self.options.quick else (4, 500)
        stalling = self.rig.upstream("--stall", stall, "--stall-after", 800)
        child = self.rig.start(self.rig.load_command(stalling, "--prove-omission", "--stall", stall, "--rate", 2000, "--warmup", 0.3, "--duration", window),
                               self.rig.side_core, stdout=subprocess.PIPE)
        out, _ = child.communicate(timeout=60)
        self.rig.stop(child)
        self.rig.stop(stalling)
        proof = json.loads(out or "{}")
        if not proof.get("holds"):
            raise Failure(f"the load generator does not see an injected stall as it must: {proof}")
        return proof

    # One measurement.

    def server(self, name, **features):
        if name == "direct":
            return self.upstream
        if name == "ajar":
            return self.rig.ajar_server(self.upstream, **features)
        return getattr(self.rig, name)(self.upstream)

    def measure(self, server, settings, seconds=None):
        """One proxy's turn: its CPU per answer while the load generator's window was open, and what the caller saw."""
        seconds = seconds or self.seconds
        options = ["--warmup", self.warmup, "--duration", seconds]
        if "streams" in settings:
            options += ["--streams", settings["streams"], "--rate", settings["rate"]]
        else:
            options += ["--requests", "--size", settings["size"], "--connections", settings["connections"]]
            options += ["--rate", settings["rate"]] if settings.get("rate") else []
            options += ["--loose"] if settings.get("loose") else []
        helpers = server.helper_times()
        found = self.rig.load(server, *options, watch=() if server is self.upstream else self.upstream.processes, stream="streams" in settings, seconds=seconds)
        self.rig.settle(server)
        done, answers = found["threads"], found["answers"]
        if answers == 0:
            raise Failure(f"nothing was answered through {server.name}")
        proxy = sum(t["us"] for t in done if t["process"] in server.processes and t["name"] not in HELPERS)
        side = sum(t["us"] for t in done if t["process"] in self.upstream.processes or t["name"] in HELPERS) / 1e6 / found["seconds"] + found["own_busy"]
        # What the helpers used until they had caught up, over all requests of the run, those of the warm-up included.
        whole = answers * (seconds + self.warmup) / seconds
        return {"cpu_us": proxy / answers, "busy": proxy / 1e6 / found["seconds"], "side_busy": side, "per_second": answers / found["seconds"],
                "latency_us": found["latency_us"], "behind_us": found["behind_us"], "helpers_us": {n: (us - helpers.get(n, 0)) / whole for n, us in server.helper_times().items()}}

    # The cases.

    def cases(self, servers):
        cases = []
        for part, size in SIZES.items():
            if part not in self.options.cases:
                continue
            slowest = min(self.measure(s, {"size": size, "connections": CONNECTIONS}, 0.4)["per_second"] for s in servers.values() if s is not self.upstream)
            rate, target, goal = max(100, int(slowest / 200) * 100), 0.85 if part == "2kb" else 0.75, 1.0 if part == "2kb" else 0.9
            title = f"{size // 1024} KB in, 2 KB out"
            cases.append(report.Case(f"{part}-saturation", f"{title}, saturation, {CONNECTIONS} connections", "saturation", target=target, goal=goal, size=size, connections=CONNECTIONS))
            cases.append(report.Case(f"{part}-half", f"{title}, half load, {rate}/s Poisson", "half", target=target, goal=goal, size=size, connections=OPEN_CONNECTIONS, rate=rate))
            if part == "2kb":
                cases.append(report.Case(f"{part}-one", f"{title}, one connection", "one connection", size=size, connections=1))
        if "stream" in self.options.cases:
            cases.append(report.Case("stream", f"streamed chunks, {STREAMS} streams x {EVENTS}/s", f"{STREAMS} x {EVENTS}/s", unit="chunk", target=0.9, goal=1.0, streams=STREAMS, rate=EVENTS))
        return cases

    def run_cases(self):
        if not set(self.options.cases) & {"2kb", "100kb", "stream"}:
            return []
        servers = {name: self.server(name) for name in ["direct", *self.proxies]}
        say(f"started: {', '.join(servers)}")
        cases = self.cases(servers)
        for turn in range(self.options.rounds):
            for case in cases:
                order = [s for s in servers if s != "direct" or case.load != "saturation"]
                order = order[turn % len(order):] + order[:turn % len(order)]
                measured = {name: self.measure(servers[name], case.settings) for name in (reversed(order) if turn % 2 else order)}
                case.rounds.append({name: measured[name] for name in servers if name in measured})
                shown = ", ".join(f"{name} {measured[name]['cpu_us']:.1f}" for name in servers if name in measured and name != "direct")
                say(f"round {turn + 1}/{self.options.rounds}, {case.name}: us per {case.unit}: {shown}")
        self.check_bodies()
        for name in self.proxies:
            self.rig.stop(servers[name])
        return [case.json() for case in cases]

    def check_bodies(self):
        stats = json.loads(self.upstream.get("/stats")[1])
        if stats["bodies_wrong"] or not stats["bodies_checked"]:
            raise Failure(f"requests were changed on the way: {stats}")

    # Memory.

    def held_kib(self, name, opening):
        """Growth of anonymous memory in a fresh proxy per stream that is open and silent."""
        server = self.server(name)
        self.rig.load(server, "--streams", 50, "--rate", 20, "--duration", 0.5, stream=True)
        before = proc.memory_kib(server.processes, "RssAnon")
        child = self.rig.start(self.rig.load_command(server, "--hold", MOST_STREAMS, "--opening", opening, "--patience", 40, stream=True), self.rig.side_core,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        first = json.loads(child.stdout.readline() or "{}")
        if first.get("held") != MOST_STREAMS:
            raise Failure(f"{name} does not carry {MOST_STREAMS} streams: {first.get('first_failure') or Path(child.log).read_text()[-500:]}")
        time.sleep(1.5)
        after = proc.memory_kib(server.processes, "RssAnon")
        child.stdin.close()
        child.stdin = None
        last = json.loads(child.communicate(timeout=60)[0])
        self.rig.stop(child)
        self.rig.stop(server)
        if last["failures"]:
            raise Failure(f"a held stream through {name} did not stay: {last['first_failure']}")
        return round((after - before) / MOST_STREAMS, 2)

    def growth(self, name):
        """KiB that anonymous memory grows by while streams get longer, and over how many events."""
        server, streams, rate, early, late = self.server(name), 20, 500, 1.5, 3.5 if self.options.quick else 6.5
        child = self.rig.start(self.rig.load_command(server, "--streams", streams, "--rate", rate, "--duration", late, stream=True), self.rig.side_core, stdout=subprocess.PIPE)
        time.sleep(early)
        before = proc.memory_kib(server.processes, "RssAnon")
        time.sleep(late - early)
        grown = proc.memory_kib(server.processes, "RssAnon") - before
        found = json.loads(child.communicate(timeout=60)[0])
        self.rig.stop(child)
        self.rig.stop(server)
        if found["failures"]:
            raise Failure(f"a stream through {name} failed: {found['first_failure']}")
        return grown, int(streams * rate * (late - early))

    def run_memory(self):
        out = {}
        for name in self.proxies:
            if self.options.quick and name == "nginx":
                continue
            say(f"memory of {name}: {MOST_STREAMS} idle streams")
            steady, at_once = self.held_kib(name, 50), self.held_kib(name, 1000)
            grown, events = self.growth(name)
            out[name] = {"kib_per_idle_stream": steady, "kib_per_idle_stream_at_once": at_once, "idle_streams": MOST_STREAMS, "growth_kib": grown, "growth_events": events}
        return out

    # Start.

    def first_answer_ms(self):
        began = time.monotonic()
        child, port, _ = self.rig.start_ajar(self.upstream)
        probe = type(self.upstream)("probe", child, port)

        def answered():
            try:
                return child.poll() is not None or probe.get("/healthz")[0] == 200
            except OSError:
                return False
        if not proc.wait_until(answered, 10, 0.0005) or child.poll() is not None:
            raise Failure(f"Ajar does not answer /healthz:\n{Path(child.log).read_text()[-2000:]}")
        took = (time.monotonic() - began) * 1000
        return took, sum(proc.run_time_us(child.pid, thread) for thread, _ in proc.threads_of(child.pid)) / 1000, child

    def run_start(self):
        say("start-up time, idle memory, size")
        times, used, rss, anon = [], [], 0, 0
        for turn in range(3 if self.options.quick else 9):
            took, cpu, child = self.first_answer_ms()
            times.append(took)
            used.append(cpu)
            if turn == 0:
                time.sleep(1)
                rss, anon = proc.memory_kib([child.pid], "VmRSS"), proc.memory_kib([child.pid], "RssAnon")
            self.rig.stop(child)
        size = Path(self.rig.ajar).stat().st_size
        return {"first_answer_ms": report.spread(times), "first_answer_cpu_ms": report.spread(used), "idle_rss_mib": round(rss / 1024, 2), "idle_anon_mib": round(anon / 1024, 2),
                "binary_mib": round(size / 2**20, 2), "binary_bytes": size, "stripped": proc.is_stripped(self.rig.ajar)}

    # Ablation.

    def ablation_variants(self):
        variants = {
            "all on": {},
            "one key instead of 1001": {"keys": 1},
            "no rule with words": {"words": False},
            "no rules and no labels": {"rules": False, "labels": False},
            "no price": {"priced": False},
            "model not renamed": {"renamed": False},
            "eight deployments instead of one": {"deployments": 8},
            "answers forwarded as for OpenAI": {"provider": "openai"},
            "answers cleaned as for vLLM": {"provider": "vllm"},
            "one key, no rules, no labels, no price, not renamed": {"keys": 1, "rules": False, "labels": False, "priced": False, "renamed": False},
        }
        if Path("/dev/shm").is_dir():
            variants["journal and database in memory (tmpfs)"] = {"state_in": Path("/dev/shm")}
        return variants

    def run_ablation(self):
        say("what each feature costs")
        servers = {name: self.rig.ajar_server(self.upstream, name, **features) for name, features in self.ablation_variants().items()}
        parts, turns = [], 2 if self.options.quick else 5
        for part, size in SIZES.items():
            if self.options.quick and part != "2kb":
                continue
            measured = {name: [] for name in servers}
            for turn in range(turns):
                order = list(servers)[turn % len(servers):] + list(servers)[:turn % len(servers)]
                for name in reversed(order) if turn % 2 else order:
                    measured[name].append(self.measure(servers[name], {"size": size, "connections": CONNECTIONS, "loose": True}, self.seconds / 2)["cpu_us"])
                say(f"ablation {part}, round {turn + 1}/{turns}")
            rows = []
            for name, values in measured.items():
                differences = [a - b for a, b in zip(values, measured["all on"])]
                rows.append({"features": name, "cpu_us": report.spread(values), "difference_us": round(statistics.median(differences), 2),
                             "difference_spread": [round(min(differences), 2), round(max(differences), 2)]})
            parts.append({"name": part, "title": f"{size // 1024} KB in, saturation", "rounds": turns, "rows": rows})
        for server in servers.values():
            self.rig.stop(server)
        return parts

    def run(self):
        machine = proc.machine(ROOT, self.rig.ajar, self.rig.cores)
        if machine["load_before"] > 1:
            say(f"this machine is busy (load {machine['load_before']}): the numbers will be too high and far apart")
        self.check_instrument()
        result = {"machine": machine, "omission_proof": self.prove_omission(), "cases": self.run_cases()}
        if "memory" in self.options.cases:
            result["memory"] = self.run_memory()
        if "ajar" in self.proxies:
            if "start" in self.options.cases:
                result["start"] = self.run_start()
            if "ablation" in self.options.cases:
                result["ablation"] = self.run_ablation()
        result["targets"] = report.target_rows(result)
        result["seconds"] = round(time.monotonic() - START, 1)
        return result


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures Ajar beside HAProxy and nginx on this machine.")
    parser.add_argument("--quick", action="store_true", help="about 90 seconds, less exact")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--cases", default=",".join(PARTS), help=f"which of {','.join(PARTS)}")
    parser.add_argument("--rounds", type=int, help="rounds of each case (7; 2 with --quick)")
    parser.add_argument("--seconds", type=float, help="length of one measurement (1.2; 0.5 with --quick)")
    parser.add_argument("--without", default="", help="leave out haproxy, nginx or ajar")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"), help="where ajar and bench/load are")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args(arguments)
    for name in ("cases", "without"):
        setattr(options, name, [word for word in getattr(options, name).split(",") if word])
    for word in options.cases:
        if word not in PARTS:
            parser.error(f"there is no case \"{word}\"; there are {', '.join(PARTS)}")
    for word in options.without:
        if word not in ("haproxy", "nginx", "ajar"):
            parser.error(f"\"{word}\" is not measured here: haproxy, nginx, ajar")
    options.rounds = options.rounds or (2 if options.quick else 7)
    options.seconds = options.seconds or (0.5 if options.quick else 1.2)
    return options


def main():
    options = options_of(sys.argv[1:])
    build = Path(options.build)
    ajar = None if "ajar" in options.without else build / "ajar"
    for file in [build / "bench" / "load", build / "bench" / "upstream"] + ([ajar] if ajar else []):
        if not file.exists():
            sys.exit(f"{file} is missing: ./dev bench builds it")
    for name in ("haproxy", "nginx"):
        if name not in options.without and not proc.find_program(name):
            sys.exit(f"{name} is not installed: ./dev deps bench")
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    rig = Rig(build / "bench", ajar)
    try:
        result = Bench(options, rig).run()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    finally:
        rig.close()
    print(json.dumps(result, indent=1) if options.json else report.full_text(result))
    sys.exit(1 if options.strict and not all(t["met"] for t in result["targets"]) else 0)


if __name__ == "__main__":
    main()

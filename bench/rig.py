#!/usr/bin/env python3
# bench/rig.py - the processes of a measurement: upstream, HAProxy, nginx, Ajar, each pinned; every child is ended, whatever happens.
"""Everything runs on 127.0.0.1, with configuration and state in one temporary folder."""
import ctypes
import hashlib
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import proc

KEY = "bench-caller"
PUBLIC_MODEL, ENGINE_MODEL = "chat-pub", "chat-own"   # as in bench/chat.hpp
HELPERS = ("ajar-filler", "ajar-keeper")              # Ajar's threads beside the request path; shown separately
MOST_STREAMS = 5000
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """What went wrong, for people."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def raise_descriptors(wanted=32768):
    """One proxied stream takes two descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    have = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if have < 2 * MOST_STREAMS + 500:
        raise Failure(f"only {have} file descriptors are allowed; {2 * MOST_STREAMS + 500} are needed: ulimit -Hn")


class Server:
    """One running server: where it listens and which processes are it."""

    def __init__(self, name, process, port, stream_port=None, shown_model=PUBLIC_MODEL):
        self.name, self.process, self.port, self.stream_port, self.shown_model = name, process, port, stream_port or port, shown_model
        self.processes = [process.pid]
        self.state = None

    def get(self, path, timeout=5):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def helper_times(self):
        return {name: proc.run_time_us(p, thread) for p in self.processes for thread, name in proc.threads_of(p) if name in HELPERS}


class Rig:
    def __init__(self, binaries, ajar):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise Failure("two cores are needed: one for the proxy, one for the load and the upstream")
        self.cores, self.proxy_core, self.side_core = len(cores), cores[0], cores[1]
        os.sched_setaffinity(0, {self.side_core})
        raise_descriptors()
        self.binaries, self.ajar = Path(binaries), ajar
        self.folder = Path(tempfile.mkdtemp(prefix="ajar-bench-"))
        self.folders, self.children, self.count = [self.folder], [], 0

    # Children.

    def start(self, command, core, gentle=False, **more):
        def bound():
            os.sched_setaffinity(0, {core})
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM if gentle else signal.SIGKILL)
        log = open(self.folder / f"{Path(command[0]).name}-{self.count}.log", "wb")
        self.count += 1
        options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **more}
        child = subprocess.Popen([str(word) for word in command], preexec_fn=bound, start_new_session=True, **options)
        child.log = log.name
        log.close()
        self.children.append(child)
        return child

    def stop(self, child):
        child = getattr(child, "process", child)
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
        if child in self.children:
            self.children.remove(child)

    def close(self):
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.SIG_IGN)
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        for child in list(self.children):
            self.stop(child)
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def wait_for_port(self, child, port, what):
        def answers():
            if child.poll() is not None:
                return True
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0
        if not proc.wait_until(answers, 10, 0.005) or child.poll() is not None:
            raise Failure(f"{what} does not start:\n{Path(child.log).read_text(errors='replace')[-2000:]}")

    # Servers.

    def upstream(self, *options):
        child = self.start([self.binaries / "upstream", *options], self.side_core, stdout=subprocess.PIPE)
        line = child.stdout.readline().strip()
        if not line:
            raise Failure(f"the scripted upstream does not start:\n{Path(child.log).read_text()[-2000:]}")
        return Server("direct", child, int(line))

    def haproxy(self, upstream):
        port, file = free_port(), self.folder / f"haproxy-{self.count}.cfg"
        file.write_text(HAPROXY.format(port=port, upstream=upstream.port))
        child = self.start([proc.find_program("haproxy"), "-db", "-f", file], self.proxy_core)
        self.wait_for_port(child, port, "HAProxy")
        return Server("haproxy", child, port)

    def nginx(self, upstream):
        port, stream_port, folder = free_port(), free_port(), self.folder / f"nginx-{self.count}"
        folder.mkdir()
        built = proc.output_of(proc.find_program("nginx"), "-V")
        modules = [m for m in ("fastcgi", "uwsgi", "scgi") if f"--without-http_{m}_module" not in built]
        paths = "".join(f"  {what}_temp_path {folder}/{what};\n" for what in ["client_body", "proxy", *modules])
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, paths=paths, port=port, stream_port=stream_port, upstream=upstream.port))
        child = self.start([proc.find_program("nginx"), "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"], self.proxy_core, gentle=True)
        self.wait_for_port(child, port, "nginx")
        server = Server("nginx", child, port, stream_port)
        if not proc.wait_until(lambda: proc.children_of(child.pid), 5):
            raise Failure("nginx has no worker")
        server.processes += proc.children_of(child.pid)
        return server

    def start_ajar(self, upstream, **features):
        """Only starts it; returns the child, its port and its state folder."""
        folder = Path(tempfile.mkdtemp(prefix="ajar-", dir=features.pop("state_in", self.folder)))
        self.folders.append(folder)
        port = free_port()
        (folder / "ajar.toml").write_text(ajar_config(port, folder / "state", upstream.port, **features))
        return self.start([self.ajar, "serve", "--config", folder / "ajar.toml"], self.proxy_core), port, folder

    def ajar_server(self, upstream, name="ajar", **features):
        child, port, folder = self.start_ajar(upstream, **features)
        self.wait_for_port(child, port, "Ajar")
        server = Server(name, child, port)
        server.state = folder / "state"
        for thread, thread_name in proc.threads_of(child.pid):
            if thread_name in HELPERS:
                os.sched_setaffinity(thread, {self.side_core})
        return server

    # Load.

    def load_command(self, server, *options, stream=False):
        port = server.stream_port if stream else server.port
        return [str(w) for w in (self.binaries / "load", "--port", port, "--key", KEY, "--shows", server.shown_model, *options)]

    def load(self, server, *options, watch=(), stream=False, seconds=30):
        """One run of the load generator to its end; its findings. A failed answer is a failed measurement."""
        watched = ",".join(str(p) for p in [*server.processes, *watch])
        child = self.start(self.load_command(server, *options, "--watch", watched, stream=stream), self.side_core, stdout=subprocess.PIPE)
        try:
            out, _ = child.communicate(timeout=seconds + 30)
        except subprocess.TimeoutExpired:
            raise Failure(f"the load on {server.name} did not end in time") from None
        finally:
            self.stop(child)
        if child.returncode != 0 or not out:
            raise Failure(f"the load on {server.name} failed: {Path(child.log).read_text()[-1000:]}")
        found = json.loads(out)
        if found.get("failures"):
            raise Failure(f"{found['failures']} failed answer(s) through {server.name}, the first: {found['first_failure']}")
        return found

    def settle(self, server, patience=5.0):
        """Waits until the threads beside the path have caught up, so that they do not run into another's turn."""
        before, until = server.helper_times(), time.monotonic() + patience
        while before and time.monotonic() < until:
            time.sleep(0.1)
            now = server.helper_times()
            if sum(now.values()) - sum(before.values()) < 5000:   # under 5 % of a core
                return
            before = now


HAPROXY = """global
  nbthread 1
  maxconn 7000
  tune.bufsize 131072
defaults
  mode http
  no log
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout http-request 30s
frontend callers
  bind 127.0.0.1:{port} backlog 4096
  default_backend engine
backend engine
  server one 127.0.0.1:{upstream}
"""

NGINX = """{user}daemon off;
worker_processes 1;
worker_rlimit_nofile 19000;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 12000; }}
http {{
  access_log off;
{paths}  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_read_timeout 300s;
  upstream engine {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; keepalive_time 1d; }}
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://engine; }} }}
  server {{ listen 127.0.0.1:{stream_port} backlog=4096; location / {{ proxy_pass http://engine; proxy_buffering off; }} }}
}}
"""


def key_row(name, secret):
    return f'[[key]]\nname = "{name}"\ntenant = "bench"\nhash = "sha256:{hashlib.sha256(secret.encode()).hexdigest()}"\nlabels = ["pii"]\nmax_in_flight = 100000\n'


def ajar_config(port, state, upstream, keys=1001, rules=True, words=True, labels=True, priced=True, renamed=True, deployments=1, provider="compatible"):
    """Everything on, unless said otherwise. Each argument is a difference that a file can make."""
    out = [f'state = "{state}"\nshards = 1\n[listen]\naddress = "127.0.0.1:{port}"\n[deadlines]\nidle = "300s"\n']
    for i in range(deployments):
        out.append(f'[[deployment]]\nname = "engine-{i}"\nprovider = "{provider}"\nhosting = "own"\nmodel = "{ENGINE_MODEL if renamed else PUBLIC_MODEL}"\n'
                   f'public_model = "{PUBLIC_MODEL}"\nendpoint = "http://127.0.0.1:{upstream}"\n')
        if priced:
            out.append("price = { input = 0.15, output = 0.6, cache_read = 0.05 }\n")
    out.append('[[tenant]]\nname = "bench"\n' + ('labels = ["internal"]\n' if labels else ""))
    rows = [key_row("caller", KEY)] + [key_row(f"other-{i}", f"bench-other-{i}") for i in range(keys - 1)]
    out += rows if labels else [row.replace('labels = ["pii"]\n', "") for row in rows]
    if rules:
        out.append('[[rule]]\nname = "by-tenant"\nwhen = { tenant = "bench" }\nlabels = ["confidential"]\n')
        out.append(f'[[rule]]\nname = "by-model"\nwhen = {{ model = "{PUBLIC_MODEL}" }}\nlabels = ["export"]\n')
    if rules and words:
        out.append('[[rule]]\nname = "by-words"\nwhen = { words = ["discharge letter", "merger", "account number", "project heron"] }\nlabels = ["restricted"]\n')
    return "".join(out)

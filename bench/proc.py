#!/usr/bin/env python3
# bench/proc.py - what /proc and the tools of the machine tell: threads, memory, cores, versions.
"""Only for Linux; nothing here changes anything but the affinity of threads that it is told of."""
import hashlib
import os
import platform
import re
import shutil
import struct
import subprocess
import time
from pathlib import Path


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")


def threads_of(process):
    """[(thread id, name)]; empty when the process is gone."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        try:
            found.append((int(task.name), (task / "comm").read_text().strip()))
        except OSError:
            pass
    return found


def children_of(process):
    try:
        return [int(word) for task in Path(f"/proc/{process}/task").glob("*") for word in (task / "children").read_text().split()]
    except OSError:
        return []


def run_time_us(process, thread):
    """The scheduler's run time of one thread."""
    try:
        return int(Path(f"/proc/{process}/task/{thread}/schedstat").read_text().split()[0]) / 1000
    except OSError:
        return 0.0


def memory_kib(processes, field):
    """A field of /proc/PROCESS/status, summed: RssAnon (what the program itself asked for) or VmRSS (all that is resident)."""
    total = 0
    for process in processes:
        match = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.M)
        total += int(match.group(1)) if match else 0
    return total


def wait_until(holds, seconds, pause=0.02):
    """True as soon as `holds()` is; False after so many seconds."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def is_stripped(program):
    """Whether an ELF file has no symbol table."""
    data = Path(program).read_bytes()
    if data[:4] != b"\x7fELF" or data[4] != 2:
        return None
    at, size, count = struct.unpack_from("<Q", data, 0x28)[0], *struct.unpack_from("<HH", data, 0x3A)
    kinds = [struct.unpack_from("<I", data, at + i * size + 4)[0] for i in range(count)]
    return 2 not in kinds   # SHT_SYMTAB


def output_of(*command, cwd=None):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=cwd)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()


def first_match(pattern, text):
    match = re.search(pattern, text, re.M)
    return match.group(1).strip() if match else ""


def read(path):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def machine(root, ajar, cores):
    """Where and with what was measured."""
    facts = {
        "cpu": first_match(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo")),
        "cores": cores,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "system": first_match(r'^PRETTY_NAME="(.*)"$', read("/etc/os-release")),
        "congestion_control": read("/proc/sys/net/ipv4/tcp_congestion_control"),
        "load_before": float(read("/proc/loadavg").split()[0]),
        "haproxy": first_match(r"version (\S+)", output_of(find_program("haproxy") or "haproxy", "-v")),
        "nginx": first_match(r"nginx/(\S+)", output_of(find_program("nginx") or "nginx", "-v")),
        "commit": output_of("git", "rev-parse", "--short=12", "HEAD", cwd=root),
        "changed": bool(output_of("git", "status", "--porcelain", "-uno", cwd=root)),
    }
    if ajar:
        facts["ajar_sha256"] = hashlib.sha256(Path(ajar).read_bytes()).hexdigest()
    return facts

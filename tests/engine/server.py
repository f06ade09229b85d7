#!/usr/bin/env python3
"""tests/engine/server.py - llama.cpp's own HTTP server on a free port of this machine, serving one model file.

Prints its address, and stops when its standard input closes. Usage: server.py FILE NAME
"""
import sys

import xllamacpp


def main(file: str, name: str) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_gpu_layers = 0
    params.n_ctx = 2048
    params.n_parallel = 2
    params.cpuparams.n_threads = 1
    params.endpoint_metrics = True
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

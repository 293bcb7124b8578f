#!/usr/bin/env python3
"""The steps of bench_ranks.cpp in PyTorch: DistributedDataParallel over gloo, a process for each rank, a thread in each.

    python3 bench_ddp.py --ranks 2 [--size small|laptop|lecture] [--steps 50]

The model is bench_torch.py's, without dropout; every rank learns from its part of the batch. Prints one JSON object with
the fields of bench_ranks, and the median of all steps but the first three. Beside it, on the same machine:

    mpirun -n 2 build/release/bin/bench_ranks --size small --steps 50
"""
import argparse
import json
import os
import socket
import statistics
import time

import torch
import torch.distributed as distributed
import torch.multiprocessing as processes
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel

from bench_torch import SIZES, VOCABULARY, LanguageModel

BATCHES = {"small": 16, "laptop": 16, "lecture": 64}


def train(rank, arguments, port):
    # Debian builds PyTorch without libuv.
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), USE_LIBUV="0")
    distributed.init_process_group("gloo", rank=rank, world_size=arguments.ranks)
    torch.set_num_threads(1)
    torch.manual_seed(1337)
    _, context, *rest, _ = SIZES["gpt-" + arguments.size]
    model = LanguageModel(context, *rest, 0.0)
    parallel = DistributedDataParallel(model)
    rows = BATCHES[arguments.size] // arguments.ranks
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    text = torch.randint(VOCABULARY, (1_000_000,))
    times = []
    for _ in range(arguments.steps):
        began = time.perf_counter()
        first = torch.randint(len(text) - context, (rows * arguments.ranks, 1))[rank * rows:(rank + 1) * rows]
        windows = text[first + torch.arange(context + 1)]
        logits = parallel(windows[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), windows[:, 1:].reshape(-1))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        times.append(1e3 * (time.perf_counter() - began))
    if rank == 0:
        print(json.dumps({"peer": "PyTorch " + torch.__version__ + ", DDP over gloo", "size": arguments.size,
                          "ranks": arguments.ranks, "batch": rows * arguments.ranks,
                          "parameters": sum(p.numel() for p in model.parameters()),
                          "step_ms_median": round(statistics.median(times[3:]), 4)}))
    distributed.destroy_process_group()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--ranks", type=int, default=2)
    options.add_argument("--size", choices=BATCHES, default="small")
    options.add_argument("--steps", type=int, default=50)
    arguments = options.parse_args()
    if BATCHES[arguments.size] % arguments.ranks or arguments.steps < 6:
        options.error(f"expected ranks that divide {BATCHES[arguments.size]}, and 6 steps or more")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes.spawn(train, (arguments, port), nprocs=arguments.ranks)


if __name__ == "__main__":
    main()

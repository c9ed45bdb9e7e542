#!/usr/bin/env python3
"""Times SimFaaS (from PyPI) and `wharfage simulate` on the same workloads, in turns, and prints the ratio of each.

    cargo build --release && python3 benches/simfaas.py [PROGRAM]

Installs SimFaaS into a temporary virtual environment, so the network is needed once. Both run on one core, and processor
time is compared. SimFaaS is pure Python and keeps whole histories; wharfage keeps counts and log-linear bins, with percentiles and
billing on. The shares of cold starts show that both did the same: over SimFaaS's time and by its rule they differ by chance alone.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# name, requests per s, warm and cold mean service in s, seconds for SimFaaS and for wharfage
WORKLOADS = [
    ("base: 0.9/s, 2 busy", 0.9, 1.991, 2.244, 200_000, 6_000_000),
    ("100/s, 20 busy", 100, 0.2, 0.4, 1_500, 60_000),
    ("1000/s, 100 busy", 1000, 0.1, 0.3, 60, 6_000),
]
ROUNDS = 5

SIMFAAS = """
import json, sys, time
from simfaas.ServerlessSimulator import ServerlessSimulator
rate, warm, cold, seconds = map(float, sys.argv[1:])
sim = ServerlessSimulator(arrival_rate=rate, warm_service_rate=1 / warm, cold_service_rate=1 / cold,
                          expiration_threshold=600, max_time=seconds)
began = time.process_time()
sim.generate_trace(debug_print=False, progress=False)
took = time.process_time() - began
print(json.dumps({"requests": sim.total_req_count, "cold": sim.total_cold_count, "took": took}))
"""


def processor_time():
    """Of all processes that have ended, in s: what else the machine does counts for nothing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def simfaas(python, rate, warm, cold, seconds):
    run = subprocess.run([python, "-c", SIMFAAS, *map(str, (rate, warm, cold, seconds))], capture_output=True, text=True, check=True)
    out = json.loads(run.stdout.strip().splitlines()[-1])
    return out["requests"], out["cold"], out["took"]


def wharfage(program, routing, rate, warm, cold, seconds):
    arguments = f"""simulate --policy scale-to-zero --arrivals poisson:{rate}/s --service exp:{warm}s --cold-service exp:{cold}s
        --idle-after 600s --routing {routing} --horizon {seconds}s --seed 1 --format json""".split()
    began = processor_time()
    # The whole process, start and output included.
    run = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
    took = processor_time() - began
    out = json.loads(run.stdout)["runs"][0]
    return out["requests"], out["cold_starts"], took


def line(name, requests, cold, took):
    print(f"  {name:18} {requests / took:14,.0f} requests/s {1e9 * took / requests:10,.1f} ns/request   cold starts {cold / requests:.5f}")
    return requests / took


def main():
    folder = Path(__file__).resolve().parent.parent
    program = sys.argv[1] if len(sys.argv) > 1 else str(folder / "target" / "release" / "wharfage")
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run([sys.executable, "-m", "venv", temporary], check=True)
        python = os.path.join(temporary, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "simfaas==0.2.2"], check=True)
        for name, rate, warm, cold, theirs, ours in WORKLOADS:
            runs = {"SimFaaS": [], "wharfage, mru": [], "wharfage, newest": []}
            for _ in range(ROUNDS):
                runs["SimFaaS"].append(simfaas(python, rate, warm, cold, theirs))
                runs["wharfage, mru"].append(wharfage(program, "mru", rate, warm, cold, ours))
                runs["wharfage, newest"].append(wharfage(program, "newest", rate, warm, cold, ours))
            print(f"{name}; {theirs:,} s of it by SimFaaS, {ours:,} s by wharfage, medians of {ROUNDS}")
            requests, cold_starts, _ = wharfage(program, "newest", rate, warm, cold, theirs)
            print(f"  over the same {theirs:,} s, newest first, wharfage's cold starts are {cold_starts / requests:.5f}")
            speeds = []
            for who, results in runs.items():
                requests, cold_starts, _ = results[0]
                speeds.append(line(who, requests, cold_starts, statistics.median(took for *_, took in results)))
            print(f"  ratio: {speeds[1] / speeds[0]:,.0f} (mru), {speeds[2] / speeds[0]:,.0f} (newest, SimFaaS's rule)")


if __name__ == "__main__":
    main()

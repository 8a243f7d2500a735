"""Measures a cluster of processes on this machine: joining, the first step, and going on after a process was killed.

Each COMMAND is an `actors` command, given as a file; several are measured in turns. Every process is kept to --cores. A round starts three
processes, asks the cluster to train, kills one of them with SIGKILL when a step is done, and waits for the end of the run. The losses must
be those of an undisturbed run, or the round counts for nothing. Then two processes and one train the same without a loss, for the speed.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

LIMIT = 120.0


class Node:
    """A process of the cluster."""

    def __init__(self, command, data, seed, settings):
        join = ["--seed", seed] if seed else []
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, "node", "--data", data, "--port", "0", *join, *settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            up = re.search(r"node (\S+) is up", line)
            if up:
                self.address = up.group(1).rstrip(",")
                self.up = time.perf_counter() - self.started
                break
        else:
            raise RuntimeError("a process did not come up")
        os.set_blocking(self.process.stdout.fileno(), False)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)

    def end(self):
        self.process.kill()
        self.process.wait()


def train(command, arguments, kill_at=None, kill=None):
    """Trains and gives back seconds to the first step, losses, tokens/s of the later steps, and seconds from the kill to the next step."""
    start = time.perf_counter()
    run = subprocess.Popen([*command, "train", *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = killed = recovered = None
    losses, speeds, repeated = {}, [], 0
    for line in run.stdout:
        event = json.loads(line)
        if event.get("event") != "step":
            continue
        now = time.perf_counter()
        first = first or now - start
        step = event["step"]
        repeated += step in losses
        losses[step] = event["loss"]
        speeds.append(event["tokensPerSecond"])
        if killed and not recovered and step > kill_at and now - killed > 0.25:
            recovered = now - killed
        if kill and not killed and step >= kill_at:
            kill()
            killed = time.perf_counter()
    if run.wait(LIMIT) != 0:
        raise RuntimeError(run.stderr.read()[-500:])
    return first, losses, statistics.median(speeds[len(speeds) // 3:]), recovered, repeated


def measure(command, data, steps, expected):
    results = {}
    settings = lambda count, more=(): ["--set", f"actors.cluster.processes={count}", "--set", f"actors.training.steps={steps}", *more]
    with tempfile.TemporaryDirectory() as folder:
        for name, count, victim, more in [
                ("worker killed", 3, 2, ()), ("worker killed, copies", 3, 2, ("--set", "actors.training.replicas=1")),
                ("leader killed", 3, 0, ()), ("leader killed, copies", 3, 0, ("--set", "actors.training.replicas=1")),
                ("two processes", 2, None, ()), ("two processes, copies", 2, None, ("--set", "actors.training.replicas=1"))]:
            nodes = []
            try:
                for _ in range(count):
                    nodes.append(Node(command, data, nodes[0].address if nodes else None, settings(count, more)))
                via = nodes[1].address if victim == 0 else nodes[0].address
                first, losses, speed, recovered, repeated = train(
                    command, ["--cluster", via, "--out", os.path.join(folder, name.replace(" ", "-"))], steps // 2, nodes[victim].kill if victim is not None else None)
                if losses != expected:
                    raise RuntimeError(f"{name}: other losses than those of one process")
                results.setdefault("second process up", []).append(nodes[1].up)
                results.setdefault("train to first step", []).append(first)
                if victim is None:
                    results[f"{name}, tokens/s"] = [speed]
                else:
                    results[f"{name}, to next step"] = [recovered]
                    results[f"{name}, steps told twice"] = [repeated]
            finally:
                for node in nodes:
                    node.end()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", nargs="+", help="actors commands to measure in turns")
    parser.add_argument("--data", required=True)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cores", default="0,1", help="for taskset")
    options = parser.parse_args()
    totals = {name: {} for name in options.commands}
    for turn in range(options.rounds):
        for name in options.commands:
            command = ["taskset", "-c", options.cores, name]
            with tempfile.TemporaryDirectory() as folder:
                arguments = ["--data", options.data, "--out", os.path.join(folder, "alone"), "--set", f"actors.training.steps={options.steps}"]
                _, expected, speed, _, _ = train(command, arguments)
            results = measure(command, options.data, options.steps, expected)
            results["one process, tokens/s"] = [speed]
            for what in ("two processes", "two processes, copies"):
                results[f"{what}, beside one"] = [results[f"{what}, tokens/s"][0] / speed]
            for what, values in results.items():
                totals[name].setdefault(what, []).extend(values)
            print(f"round {turn + 1}, {name}: done", flush=True)
    for name, results in totals.items():
        print(name)
        for what, values in sorted(results.items()):
            print(f"  {what}: " + ", ".join(f"{value:.2f}" for value in values))


if __name__ == "__main__":
    main()

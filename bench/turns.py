"""Compares the speed of two or more programs in turns on the same cores: each is stopped while another runs.

    python3 bench/turns.py --cores 0,1 --tokens 1024 \\
        "dotnet src/Cli/bin/Release/net10.0/actors.dll train --steps 1000000 --json --out OUT" \\
        "python3 bench/torch_train.py quickstart --stream --experts grouped_mm"

A program prints a line a step that contains "step" and a number (--pattern). Steps are counted from the moment all programs have done
their first ones. Prints each program's tokens/s (median and quartiles of the turns) and the ratio to the last program, turn by turn.
For Linux: programs are pinned with sched_setaffinity, stopped with SIGSTOP and resumed with SIGCONT, and ended at the end.
"""

import argparse
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import threading
import time


class Program:
    """A running program whose steps are counted as it prints them."""

    def __init__(self, command, cores, pattern):
        self.command = command
        self.steps = 0
        self.turns = []
        self._process = subprocess.Popen(
            shlex.split(command), stdout=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self._reader = threading.Thread(target=self._read, args=(re.compile(pattern),), daemon=True)
        self._reader.start()

    def _read(self, pattern):
        for line in self._process.stdout:
            if pattern.search(line):
                self.steps += 1

    def signal(self, number):
        if self._process.poll() is not None:
            raise SystemExit(f"ended with exit code {self._process.returncode}: {self.command}")
        os.killpg(self._process.pid, number)

    def run(self, seconds):
        """Runs for a time; returns steps a second."""
        before, start = self.steps, time.perf_counter()
        self.signal(signal.SIGCONT)
        time.sleep(seconds)
        self.signal(signal.SIGSTOP)
        elapsed = time.perf_counter() - start
        time.sleep(0.05)  # the reader takes what was printed before the stop
        return (self.steps - before) / elapsed

    def end(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def spread(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, low, high


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", nargs="+", metavar="COMMAND", help="a program with its arguments, in quotes")
    parser.add_argument("--cores", default="0,1", help="the cores that all of them run on (default 0,1)")
    parser.add_argument("--tokens", type=int, required=True, help="tokens a step, the same for all")
    parser.add_argument("--turns", type=int, default=20, help="a program (default 20, at least 2)")
    parser.add_argument("--seconds", type=float, default=1, help="a turn (default 1)")
    parser.add_argument("--warm-up", type=int, default=10, help="steps of each program before the first turn (default 10)")
    parser.add_argument("--pattern", default=r'"?step"?\W+\d+', help="of a line that reports a step")
    arguments = parser.parse_args()
    cores = {int(core) for core in arguments.cores.split(",")}

    programs = []
    try:
        for command in arguments.commands:
            program = Program(command, cores, arguments.pattern)
            programs.append(program)
            while program.steps < arguments.warm_up:
                program.signal(0)
                time.sleep(0.1)
            program.signal(signal.SIGSTOP)
        for _ in range(arguments.turns):
            for program in programs:
                program.turns.append(program.run(arguments.seconds) * arguments.tokens)
    finally:
        for program in programs:
            program.end()

    last = programs[-1]
    for program in programs:
        print(f"{program.command}\n  tokens/s %.0f (%.0f .. %.0f)" % spread(program.turns))
        if program is not last:
            ratios = [a / b for a, b in zip(program.turns, last.turns) if b > 0]
            if len(ratios) > 1:
                print("  times the last %.2f (%.2f .. %.2f)" % spread(ratios))
    return 0


if __name__ == "__main__":
    sys.exit(main())

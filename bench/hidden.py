"""Share of communication inside overlapped pairs that happens while the same rank computes.

TRACE is what `actors train --trace step.json` writes. Prints the share over all communication inside pairs, then for each kind.
Measure on a machine with at least as many cores as ranks: where ranks share cores, most of a rank's waiting is for a core.
"""

import argparse
import json
from collections import defaultdict


def union(intervals):
    """Sorted, disjoint intervals that cover the same time."""
    joined = []
    for start, end in sorted((start, end) for start, end, _ in intervals):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return joined


def common(a, b):
    """Length of the intersection of two lists of disjoint intervals."""
    i = j = 0
    total = 0
    while i < len(a) and j < len(b):
        total += max(0, min(a[i][1], b[j][1]) - max(a[i][0], b[j][0]))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return total


def read_ranks(path):
    """For each rank its rows: name to intervals (start, end, name) in microseconds."""
    with open(path) as file:
        events = json.load(file)
    events = events["traceEvents"] if isinstance(events, dict) else events
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e.get("ph") == "M" and e["name"] == "thread_name"}
    ranks = defaultdict(lambda: defaultdict(list))
    for e in events:
        if e.get("ph") == "X":
            row = names.get((e["pid"], e["tid"]), str(e["tid"]))
            ranks[e["pid"]][row].append((e["ts"], e["ts"] + e["dur"], e["name"]))
    return ranks


def rows(rank, word):
    return [interval for name, intervals in rank.items() if word in name.lower() for interval in intervals]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", help="the JSON file of a traced step")
    trace = parser.parse_args().trace

    total = hidden = 0
    kinds = defaultdict(lambda: [0, 0, 0])  # count, microseconds, hidden microseconds
    for rank in read_ranks(trace).values():
        computation = union(rows(rank, "comput"))
        pairs = union(i for i in rows(rank, "action") if "OVERLAP" in i[2])
        inside = [i for i in rows(rank, "commun") if any(start <= i[0] <= end for start, end in pairs)]
        for start, end, name in inside:
            kind = kinds[name.split()[0]]
            kind[0] += 1
            kind[1] += end - start
            kind[2] += common([[start, end]], computation)
        communication = union(inside)
        total += sum(end - start for start, end in communication)
        hidden += common(communication, computation)

    if total == 0:
        raise SystemExit(f"{trace} has no communication inside overlapped pairs: trace a step of a schedule that overlaps, such as dualpipe")
    print(f"{trace}: {100 * hidden / total:.1f}% of {total / 1000:.1f} ms hidden")
    for name, (count, time, under) in sorted(kinds.items()):
        print(f"  {name}: {count} x {time / count:.0f} us, {100 * under / max(time, 1e-9):.0f}% hidden")


if __name__ == "__main__":
    main()

"""Writes orders.txt, what PyTorchOrderTests compares with: python pytorch_orders.py > orders.txt

Needs PyTorch 2.11 and neither a GPU nor a process group: schedules are made for stages that only know their numbers.
"""

import hashlib
import sys
from types import SimpleNamespace

import torch
from torch.distributed.pipelining.schedules import get_schedule_class

VERSION = "2.11"
RANKS = (1, 2, 3, 4, 5, 8)
MICRO_BATCHES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24)
STAGES_PER_RANK = {
    "GPipe": (1,),
    "1F1B": (1,),
    "Interleaved1F1B": (2, 3, 4),
    "InterleavedZeroBubble": (2, 3, 4),
    "ZBVZeroBubble": (2,),
    "DualPipeV": (2,),
}
WRITTEN_OUT = (
    ("GPipe", 3, 4, 1),
    ("1F1B", 4, 5, 1),
    ("Interleaved1F1B", 4, 10, 2),
    ("Interleaved1F1B", 3, 2, 2),
    ("InterleavedZeroBubble", 4, 8, 2),
    ("ZBVZeroBubble", 4, 8, 2),
    ("ZBVZeroBubble", 3, 2, 2),
    ("DualPipeV", 4, 8, 2),
)
HEADER = f"""\
# The order of compute actions of PyTorch {VERSION}'s pipelining schedules. Made by pytorch_orders.py; do not edit.
# A case is: schedule, ranks, micro-batches, stages per rank. A few timetables are written out, a row a rank. Of every case of the grid
# there is the SHA-256 of its timetable as text, rows joined by line feeds, or 'refused' where PyTorch has none. Rows have no empty
# cells and no gradient reductions; the forwards of 1F1B's last rank, which {VERSION} numbers from 1, are numbered from 0.
"""


def rows_of(name, ranks, micro_batches, stages_per_rank):
    """The rows of a timetable, or None where PyTorch refuses the size."""
    stages = [
        SimpleNamespace(group_rank=0, group_size=ranks, num_stages=ranks * stages_per_rank, submod=None)
        for _ in range(stages_per_rank)
    ]
    is_single = name in ("GPipe", "1F1B")
    try:
        schedule = get_schedule_class(name)(stages[0] if is_single else stages, micro_batches)
    except ValueError:
        return None
    rows = []
    for rank in range(ranks):
        actions = [str(action) for action in schedule.pipeline_order[rank] if action is not None]
        rows.append([action for action in actions if not action.endswith("REDUCE_GRAD")])
    if name == "1F1B":
        rows[-1] = numbered_from_zero(rows[-1])
    return [",".join(row) for row in rows]


def numbered_from_zero(row):
    """A row of 1F1B whose forwards may be numbered from 1."""
    forwards = [int(action.partition("F")[2]) for action in row if "F" in action]
    shift = min(forwards)
    shifted = []
    for action in row:
        stage, is_forward, micro_batch = action.partition("F")
        shifted.append(f"{stage}F{int(micro_batch) - shift}" if is_forward else action)
    return shifted


def main():
    if not torch.__version__.startswith(VERSION):
        sys.exit(f"PyTorch {VERSION} made the orders that are compared with; this is {torch.__version__}")
    print(HEADER)
    for case in WRITTEN_OUT:
        print("timetable", *case)
        print("\n".join(rows_of(*case)), end="\n\n")
    for name, numbers in STAGES_PER_RANK.items():
        for stages_per_rank in numbers:
            for ranks in RANKS:
                for micro_batches in MICRO_BATCHES:
                    rows = rows_of(name, ranks, micro_batches, stages_per_rank)
                    digest = "refused" if rows is None else hashlib.sha256("\n".join(rows).encode()).hexdigest()
                    print(name, ranks, micro_batches, stages_per_rank, digest)


if __name__ == "__main__":
    main()

"""Times PyTorch's operations over rows on one GPU, beside `load-tests -- gpu`, which has the same sizes.

Buffers are used in turns, so that no cache holds them. Prints the median of nine rounds of twenty calls, microseconds.
"""
import argparse

import torch


def median_us(call):
    for i in range(5):
        call(i)
    rounds = []
    for _ in range(9):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for i in range(20):
            call(i)
        end.record()
        torch.cuda.synchronize()
        rounds.append(begin.elapsed_time(end) / 20 * 1e3)
    return sorted(rounds)[4]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=4096)
    options.add_argument("--columns", type=int, default=7168)
    sizes = options.parse_args()
    functional = torch.nn.functional
    for dtype in (torch.float32, torch.bfloat16):
        inputs = [torch.randn(sizes.rows, sizes.columns, device="cuda", dtype=dtype) for _ in range(6)]
        pairs = [torch.randn(sizes.rows, 2 * sizes.columns, device="cuda", dtype=dtype) for _ in range(3)]
        weight = torch.randn(sizes.columns, device="cuda", dtype=dtype)
        calls = {
            "add": lambda i: torch.add(inputs[i % 6], inputs[(i + 1) % 6]),
            "rms norm": lambda i: functional.rms_norm(inputs[i % 6], (sizes.columns,), weight, 1e-6),
            "swiglu, two kernels": lambda i: functional.silu(pairs[i % 3][:, : sizes.columns]) * pairs[i % 3][:, sizes.columns :],
        }
        for name, call in calls.items():
            print(f"{name} {dtype}: {median_us(call):.1f} us")


if __name__ == "__main__":
    main()

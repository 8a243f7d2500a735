"""Dispatch and combine between GPUs by PyTorch and NCCL, as users of torch.distributed write them: counts, rows, sums by all_to_all_single.

Run by torchrun, a process a GPU: torchrun --nproc-per-node 2 bench/torch_ep.py
"""

import argparse
import os
import statistics

import torch
import torch.distributed as dist

EXPERTS, CHOICES, GROUPS, GROUPS_KEPT = 256, 8, 8, 4


def choose(scores):
    """Experts of each token: 8 of the 4 groups with the largest sums of two scores."""
    tokens = scores.shape[0]
    best = scores.view(tokens, GROUPS, -1).topk(2, -1)[0].sum(-1).topk(GROUPS_KEPT, -1)[1]
    kept = torch.zeros(tokens, GROUPS, device=scores.device).scatter_(1, best, 1).repeat_interleave(EXPERTS // GROUPS, 1)
    return scores.masked_fill(kept == 0, -1).topk(CHOICES, -1)[1]


def exchange(x, experts, ranks):
    """Sends each token once to each rank that has any of its experts, and sums what comes back."""
    goes = torch.stack([(experts // (EXPERTS // ranks) == rank).any(1) for rank in range(ranks)])
    tokens = [goes[rank].nonzero().squeeze(1) for rank in range(ranks)]
    sent = torch.tensor([len(some) for some in tokens], device=x.device)
    received = torch.empty_like(sent)
    dist.all_to_all_single(received, sent)
    sent, received = sent.tolist(), received.tolist()
    rows = x[torch.cat(tokens)]
    arrived = torch.empty(sum(received), x.shape[1], device=x.device, dtype=x.dtype)
    dist.all_to_all_single(arrived, rows, received, sent)
    back = torch.empty_like(rows)
    dist.all_to_all_single(back, arrived, sent, received)
    sums = torch.zeros(x.shape, device=x.device, dtype=torch.float32)
    sums.index_add_(0, torch.cat(tokens), back.float())
    return rows.shape[0], sums


def median_microseconds(call, rounds=30, warm_up=8):
    for _ in range(warm_up):
        call()
    torch.cuda.synchronize()
    dist.barrier()
    times = []
    for _ in range(rounds):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        call()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end) * 1e3)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, nargs="+", default=[4096, 128], help="tokens of a rank")
    parser.add_argument("--columns", type=int, default=7168, help="columns of a row, bfloat16")
    options = parser.parse_args()
    rank = int(os.environ["LOCAL_RANK"])
    torch.cuda.set_device(rank)
    dist.init_process_group("nccl", device_id=torch.device("cuda", rank))
    ranks = dist.get_world_size()
    torch.manual_seed(rank)
    for tokens in options.tokens:
        x = torch.randn(tokens, options.columns, device="cuda", dtype=torch.bfloat16)
        experts = choose(torch.randn(tokens, EXPERTS, device="cuda").sigmoid())
        sent, _ = exchange(x, experts, ranks)
        time = median_microseconds(lambda: exchange(x, experts, ranks))
        if rank == 0:
            print(f"{ranks} ranks, {tokens} tokens a rank: dispatch and combine {time:.0f} us, {sent} rows sent", flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()

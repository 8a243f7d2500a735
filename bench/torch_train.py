"""Training and decoding speed of Hugging Face's DeepSeek-V3 model in PyTorch, to be compared with `actors train` and `actors infer`.

Prints tokens/s of a training step (forward, backward, clip, AdamW) for each implementation of the experts, then of greedy decoding at
batch 1. With --stream it trains without end and prints a line a step instead, for turns.py.
"""

import argparse
import time

import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

SHAPES = {
    # hocon/quickstart.conf
    "quickstart": dict(
        vocab_size=256, hidden_size=128, intermediate_size=384, moe_intermediate_size=64, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=4, n_routed_experts=16, num_experts_per_tok=4, n_group=4, topk_group=2,
        n_shared_experts=1, first_k_dense_replace=1, q_lora_rank=64, kv_lora_rank=32, qk_rope_head_dim=16, qk_nope_head_dim=32,
        v_head_dim=32),
    "small": dict(
        vocab_size=32768, hidden_size=1024, intermediate_size=2816, moe_intermediate_size=512, num_hidden_layers=8,
        num_attention_heads=16, num_key_value_heads=16, n_routed_experts=64, num_experts_per_tok=8, n_group=8, topk_group=4,
        n_shared_experts=1, first_k_dense_replace=1, q_lora_rank=384, kv_lora_rank=256, qk_rope_head_dim=32, qk_nope_head_dim=64,
        v_head_dim=64),
}
BATCHES = {"quickstart": (8, 128), "small": (8, 1024)}  # sequences, tokens a sequence
PROMPT, ANSWER = 32, 64


class Training:
    """A model with an optimizer and one batch of random tokens."""

    def __init__(self, size, experts, device, masters=False):
        torch.manual_seed(0)
        config = DeepseekV3Config(max_position_embeddings=2048, rope_theta=10000.0, **SHAPES[size])
        config._attn_implementation = "sdpa"
        config._experts_implementation = experts
        self.model = DeepseekV3ForCausalLM(config).to(device, torch.float32 if device == "cpu" else torch.bfloat16)
        self.parameters = list(self.model.parameters())
        self.masters = [p.detach().float().requires_grad_() for p in self.parameters] if masters else None
        self.optimizer = torch.optim.AdamW(
            self.masters or self.parameters, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=device == "cuda")
        sequences, length = BATCHES[size]
        self.tokens = sequences * length
        self.ids = torch.randint(0, config.vocab_size, (sequences, length + 1), device=device)

    def step(self):
        logits = self.model(input_ids=self.ids[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), self.ids[:, 1:].flatten())
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        for master, parameter in zip(self.masters or [], self.parameters):
            master.grad = parameter.grad.float()
        torch.nn.utils.clip_grad_norm_(self.masters or self.parameters, 1.0)
        self.optimizer.step()
        if self.masters:
            with torch.no_grad():
                torch._foreach_copy_(self.parameters, self.masters)
        return loss.item()

    def decode(self, count):
        with torch.no_grad():
            self.model.generate(self.ids[:1, :PROMPT], max_new_tokens=count, min_new_tokens=count, do_sample=False)


def measure(name, training, seconds, device):
    synchronize = torch.cuda.synchronize if device == "cuda" else lambda: None
    for _ in range(3):
        training.step()
    synchronize()
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        training.step()
        steps += 1
    rate = steps * training.tokens / (time.perf_counter() - start)
    parameters = sum(p.numel() for p in training.model.parameters()) / 1e6
    print(f"{name}: {rate:.0f} train tokens/s, {parameters:.1f}M parameters", flush=True)

    training.model.eval()
    training.decode(8)
    synchronize()
    start = time.perf_counter()
    training.decode(ANSWER)
    synchronize()
    print(f"{name}: {ANSWER / (time.perf_counter() - start):.0f} decoded tokens/s, batch 1", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=sorted(SHAPES))
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="default cpu (float32); cuda trains in bfloat16")
    parser.add_argument("--threads", type=int, default=2, help="on the CPU (default 2): as many as the cores it is pinned to")
    parser.add_argument("--experts", nargs="+", default=["eager", "grouped_mm", "batched_mm"], help="implementations (default: all)")
    parser.add_argument("--seconds", type=float, default=10, help="of training, each implementation (default 10)")
    parser.add_argument("--masters", action="store_true", help="keep float32 masters and moments beside the model's own parameters")
    parser.add_argument("--stream", action="store_true", help="train the first implementation without end, a line a step")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    if arguments.stream:
        training = Training(arguments.size, arguments.experts[0], arguments.device, arguments.masters)
        step = 0
        while True:
            step += 1
            print(f"step {step} loss {training.step():.4f}", flush=True)

    for experts in arguments.experts:
        name = f"{arguments.device} {arguments.size} {experts}" + (" masters" if arguments.masters else "")
        try:
            measure(name, Training(arguments.size, experts, arguments.device, arguments.masters), arguments.seconds, arguments.device)
        except (RuntimeError, ValueError, ImportError, NotImplementedError) as error:
            print(f"{name}: not measured, {type(error).__name__}: {str(error)[:160]}", flush=True)


if __name__ == "__main__":
    main()

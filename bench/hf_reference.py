"""Makes a reference case: a small DeepSeek-V3 model and its numbers from Hugging Face transformers, on the CPU in float32.

Writes OUT/CASE/:
  config.json, model.safetensors   the model in the hub's layout, one tensor an expert
  case.safetensors                 input_ids [B,S] int64, logits [B,S,V] f32, grad.PARAMETER f32, topk.LAYER [B*S,K] int64,
                                   train_ids [20,B,S+1] int64
  case.json                        loss (next-token mean cross entropy), train: losses of 20 AdamW steps from these weights

A case is refused (exit code 1) where rounding decides it: the same model with weights that differ by about a float's rounding must
choose the same experts, and its training losses must lie within 5e-6. Take another --seed then, or --keep it ("wide" has choices so
close that one flips in training; its test knows).
"""

import argparse
import copy
import json
import os
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

BASE = dict(
    vocab_size=256, hidden_size=64, intermediate_size=160, moe_intermediate_size=48, num_hidden_layers=3,
    num_attention_heads=4, num_key_value_heads=4, n_shared_experts=1, n_routed_experts=16, routed_scaling_factor=2.5,
    kv_lora_rank=24, q_lora_rank=40, qk_rope_head_dim=8, v_head_dim=16, qk_nope_head_dim=16, n_group=4, topk_group=2,
    num_experts_per_tok=4, first_k_dense_replace=1, norm_topk_prob=True, max_position_embeddings=512,
    initializer_range=0.08, rope_theta=10000.0, attention_dropout=0.0, tie_word_embeddings=False)

YARN = dict(type="yarn", rope_type="yarn", factor=8.0, beta_fast=32, beta_slow=1, mscale=1.0, mscale_all_dim=1.0, rope_theta=10000.0)

CASES = {
    "plain": {},
    "wide": dict(n_routed_experts=64, n_group=8, topk_group=4, num_experts_per_tok=8, num_hidden_layers=4, first_k_dense_replace=2,
                 n_shared_experts=2, routed_scaling_factor=1.0),
    "noqlora": dict(q_lora_rank=None, norm_topk_prob=False, num_attention_heads=2, num_key_value_heads=2),
    "yarn": dict(rope_scaling=dict(YARN, original_max_position_embeddings=64)),
    # The case in the repository (tests/Support/Reference/cases): 0.7 MB.
    "tiny": dict(vocab_size=96, hidden_size=48, intermediate_size=64, moe_intermediate_size=16, n_routed_experts=8,
                 num_experts_per_tok=3, kv_lora_rank=16, q_lora_rank=24, qk_nope_head_dim=8, v_head_dim=8,
                 max_position_embeddings=256, rope_scaling=dict(YARN, original_max_position_embeddings=32)),
}

LENGTHS = {"tiny": 64}  # tokens a sequence; 96 elsewhere
SEQUENCES, STEPS = 2, 20


def make_model(config):
    """Weights large enough that every part of the model shows in the logits."""
    config._attn_implementation = "eager"
    config._experts_implementation = "eager"
    model = DeepseekV3ForCausalLM(config).float().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("norm.weight") or "layernorm" in name:
                parameter.copy_(1 + 0.1 * torch.randn_like(parameter))
            elif parameter.dim() >= 2:
                parameter.copy_(0.08 * torch.randn_like(parameter))
        for name, buffer in model.named_buffers():
            if "e_score_correction_bias" in name:
                buffer.copy_(0.05 * torch.randn_like(buffer))
    return model


def cross_entropy(logits, targets):
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


def evaluate(model, ids):
    """Logits, loss, each layer's choices [B*S,K] and the gradients."""
    choices, hooks = {}, []

    def keep(layer):
        def hook(_module, _inputs, output):
            outputs = output if isinstance(output, (tuple, list)) else [output]
            indices = [o for o in outputs if torch.is_tensor(o) and o.dtype in (torch.int64, torch.int32)]
            choices[f"topk.{layer}"] = indices[0].reshape(-1, indices[0].shape[-1]).to(torch.int64).contiguous()
        return hook

    for i, layer in enumerate(model.model.layers):
        gate = getattr(layer.mlp, "gate", None)
        if gate is not None:
            hooks.append(gate.register_forward_hook(keep(i)))
    logits = model(input_ids=ids).logits
    loss = cross_entropy(logits[:, :-1], ids[:, 1:])
    loss.backward()
    for hook in hooks:
        hook.remove()
    gradients = {"grad." + n: p.grad.detach().clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad(set_to_none=True)
    return logits.detach(), float(loss), choices, gradients


def train(model, batches):
    """Losses and gradient norms of AdamW on each of the batches [steps,B,S+1]."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    losses, norms = [], []
    for batch in batches:
        loss = cross_entropy(model(input_ids=batch[:, :-1]).logits, batch[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
        optimizer.step()
        losses.append(float(loss))
    return losses, norms


def perturbed(model, seed):
    """The model with every weight moved by about a float's rounding."""
    generator = torch.Generator().manual_seed(seed)
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(1 + 1.2e-7 * torch.randn(parameter.shape, generator=generator))
    return other


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("--out", required=True, help="the folder of the cases, such as tests/Support/Reference/cases")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch; sums depend on it in their last bits (default 1)")
    parser.add_argument("--keep", action="store_true", help="write the case even where rounding decides it")
    arguments = parser.parse_args()
    folder = os.path.join(arguments.out, arguments.case)
    if os.path.exists(folder):
        parser.error(f"{folder} exists; remove it first")

    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    config = DeepseekV3Config(**{**BASE, **CASES[arguments.case]})
    model = make_model(config)
    length = LENGTHS.get(arguments.case, 96)
    ids = torch.randint(0, config.vocab_size, (SEQUENCES, length))
    generator = torch.Generator().manual_seed(arguments.seed + 1)
    batches = torch.randint(0, config.vocab_size, (STEPS, SEQUENCES, length + 1), generator=generator)

    other = perturbed(model, arguments.seed + 2)
    os.makedirs(folder)
    model.save_pretrained(folder)
    logits, loss, choices, gradients = evaluate(model, ids)
    losses, norms = train(model, batches)

    other_logits, other_loss, other_choices, _ = evaluate(other, ids)
    other_losses, _ = train(other, batches)
    same = all(torch.equal(choices[k].sort(-1)[0], other_choices[k].sort(-1)[0]) for k in choices)
    moved = max(abs(a - b) for a, b in zip(losses, other_losses))
    rounding = dict(logits=float((logits - other_logits).abs().max()), loss=abs(loss - other_loss), train=moved)
    print(f"{arguments.case}, seed {arguments.seed}: loss {loss:.6f}, training {losses[0]:.6f} to {losses[-1]:.6f}; moved by rounding: {rounding}")
    if not arguments.keep and (not same or moved > 5e-6):
        shutil.rmtree(folder)
        print("refused: rounding decides " + ("a training loss" if same else "the choice of an expert") + "; take another --seed")
        return 1

    tensors = {"input_ids": ids, "logits": logits, **choices, **gradients, "train_ids": batches}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, os.path.join(folder, "case.safetensors"))
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(dict(
            loss=loss, train=losses, grad_norms=norms, moved_by_rounding=rounding, seed=arguments.seed, threads=arguments.threads,
            optimizer="AdamW lr 1e-3 betas .9 .95 eps 1e-8 wd .1 on every parameter, clip 1.0",
            transformers=transformers.__version__, torch=torch.__version__), file, indent=1)
        file.write("\n")
    sizes = {name: os.path.getsize(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}
    print(f"written to {folder}: {sizes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

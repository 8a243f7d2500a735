"""Makes a reference case with multi-token prediction: modules on top of Hugging Face transformers' DeepSeek-V3, on the CPU in float32.

Module k at position i joins the embedding of token i+k and the hidden row of the depth before, each normed: of the main model after its final norm
for k = 1, of module k-1 after its norm for k > 1. A transformer layer with experts, a norm of its own and the model's output head follow; it
predicts token i+k+1. Its loss is the mean over the positions that have a target; the total is main + 0.3 / DEPTH * sum.

Writes OUT/CASE/ as hf_reference.py does, and besides
  model.safetensors   module k as layer num_hidden_layers + k - 1, with copies of embedding and head
  case.safetensors    logits.mtp.K [B,S-K,V]; topk.LAYER and grad.TENSOR also of the modules; gradients of the total loss, one tensor an expert
  case.json           losses: of the model and of each module; train: the same of 20 AdamW steps
It is refused where rounding decides it, like those of hf_reference.py.
"""

import argparse
import json
import os
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file
from torch import nn
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3DecoderLayer, DeepseekV3RMSNorm

from hf_reference import BASE, SEQUENCES, STEPS, cross_entropy, make_model, perturbed

WEIGHT = 0.3
CASES = {
    "mtp1-plain": (1, 96, {}),
    # The case in the repository (tests/Support/Reference/cases).
    "mtp2-tiny": (2, 40, dict(
        vocab_size=64, hidden_size=32, intermediate_size=48, moe_intermediate_size=12, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        n_routed_experts=8, num_experts_per_tok=3, kv_lora_rank=12, q_lora_rank=16, qk_rope_head_dim=4, qk_nope_head_dim=8, v_head_dim=8,
        max_position_embeddings=128)),
}


class Module(nn.Module):
    """One prediction module but for embedding and head, which it shares with the model."""

    def __init__(self, config, number):
        super().__init__()
        hidden = config.hidden_size
        self.enorm, self.hnorm, self.norm = (DeepseekV3RMSNorm(hidden, config.rms_norm_eps) for _ in range(3))
        self.eh_proj = nn.Linear(2 * hidden, hidden, bias=False)
        self.layer = DeepseekV3DecoderLayer(config, config.num_hidden_layers + number)

    def forward(self, embedded, hidden, rotary):
        joined = self.eh_proj(torch.cat([self.enorm(embedded), self.hnorm(hidden)], -1))
        length = joined.shape[1]
        positions = torch.arange(length)[None]
        mask = torch.full((length, length), torch.finfo(joined.dtype).min).triu(1)[None, None]
        output = self.layer(joined, attention_mask=mask, position_ids=positions, position_embeddings=rotary(joined, positions))
        return self.norm(output[0] if isinstance(output, (tuple, list)) else output)


class Predicting(nn.Module):
    """A model with its modules."""

    def __init__(self, config, depth):
        super().__init__()
        self.config = config
        self.model = make_model(config)
        self.modules_ = nn.ModuleList(Module(config, k) for k in range(depth)).float()
        with torch.no_grad():
            for parameter in self.modules_.parameters():
                noise = torch.randn_like(parameter)
                parameter.copy_(1 + 0.1 * noise if parameter.dim() == 1 else 0.08 * noise)
            for name, buffer in self.modules_.named_buffers():
                if "e_score_correction_bias" in name:
                    buffer.copy_(0.05 * torch.randn_like(buffer))

    def layers(self):
        return list(self.model.model.layers) + [module.layer for module in self.modules_]

    def forward(self, ids):
        """Logits at every depth [B,S-k,V], and the loss of each over the positions that have a target."""
        length = ids.shape[1]
        hidden = self.model.model(input_ids=ids).last_hidden_state
        logits = [self.model.lm_head(hidden)]
        for k, module in enumerate(self.modules_, 1):
            hidden = module(self.model.model.embed_tokens(ids[:, k:]), hidden[:, :length - k], self.model.model.rotary_emb)
            logits.append(self.model.lm_head(hidden))
        return logits, [cross_entropy(one[:, :length - 1 - k], ids[:, 1 + k:]) for k, one in enumerate(logits)]

    def total(self, losses):
        return losses[0] + WEIGHT / len(self.modules_) * sum(losses[1:])

    def hub(self, value):
        """value(parameter) by the hub's names, one tensor an expert."""
        named = {}
        for name, parameter in self.model.named_parameters():
            prefix, rest = (name[:name.index(".", 13) + 1], name[name.index(".", 13) + 1:]) if name.startswith("model.layers.") else ("", name)
            named.update(per_expert(prefix, rest, value(parameter)))
        for k, module in enumerate(self.modules_):
            prefix = f"model.layers.{self.config.num_hidden_layers + k}."
            for name, parameter in module.named_parameters():
                name = "shared_head.norm.weight" if name == "norm.weight" else name.removeprefix("layer.")
                named.update(per_expert(prefix, name, value(parameter)))
        return named


def per_expert(prefix, name, tensor):
    experts = prefix + "mlp.experts."
    if name.endswith("experts.gate_up_proj"):
        half = tensor.shape[1] // 2
        for e, one in enumerate(tensor):
            yield f"{experts}{e}.gate_proj.weight", one[:half]
            yield f"{experts}{e}.up_proj.weight", one[half:]
    elif name.endswith("experts.down_proj"):
        for e, one in enumerate(tensor):
            yield f"{experts}{e}.down_proj.weight", one
    else:
        yield prefix + name, tensor


def checkpoint(predicting):
    """What model.safetensors holds."""
    tensors = predicting.hub(lambda parameter: parameter.detach().clone())
    for i, layer in enumerate(predicting.layers()):
        gate = getattr(layer.mlp, "gate", None)
        if gate is not None:
            tensors[f"model.layers.{i}.mlp.gate.e_score_correction_bias"] = gate.e_score_correction_bias.detach().clone()
    for k in range(len(predicting.modules_)):
        prefix = f"model.layers.{predicting.config.num_hidden_layers + k}."
        tensors[prefix + "embed_tokens.weight"] = tensors["model.embed_tokens.weight"].clone()
        tensors[prefix + "shared_head.head.weight"] = tensors["lm_head.weight"].clone()
    return tensors


def evaluate(predicting, ids):
    """Logits, losses, each layer's choices [rows,K] and the gradients of the total loss."""
    choices, hooks = {}, []
    for i, layer in enumerate(predicting.layers()):
        def keep(_module, _inputs, output, name=f"topk.{i}"):
            outputs = output if isinstance(output, (tuple, list)) else [output]
            indices = [o for o in outputs if torch.is_tensor(o) and o.dtype in (torch.int64, torch.int32)]
            choices[name] = indices[0].reshape(-1, indices[0].shape[-1]).to(torch.int64).contiguous()
        if getattr(layer.mlp, "gate", None) is not None:
            hooks.append(layer.mlp.gate.register_forward_hook(keep))
    logits, losses = predicting(ids)
    predicting.total(losses).backward()
    for hook in hooks:
        hook.remove()
    gradients = {"grad." + name: one.detach().clone() for name, one in predicting.hub(lambda parameter: parameter.grad).items()}
    predicting.zero_grad(set_to_none=True)
    return [one.detach() for one in logits], [loss.item() for loss in losses], choices, gradients


def train(predicting, batches):
    """Losses of AdamW on each of the batches [steps,B,S+1]."""
    optimizer = torch.optim.AdamW(predicting.parameters(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    steps = []
    for batch in batches:
        _, losses = predicting(batch)
        optimizer.zero_grad(set_to_none=True)
        predicting.total(losses).backward()
        torch.nn.utils.clip_grad_norm_(predicting.parameters(), 1.0)
        optimizer.step()
        steps.append([loss.item() for loss in losses])
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("--out", required=True, help="the folder of the cases, such as tests/Support/Reference/cases")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    arguments = parser.parse_args()
    folder = os.path.join(arguments.out, arguments.case)
    if os.path.exists(folder):
        parser.error(f"{folder} exists; remove it first")

    depth, length, changes = CASES[arguments.case]
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    config = DeepseekV3Config(**{**BASE, **changes, "num_nextn_predict_layers": depth})
    predicting = Predicting(config, depth)
    ids = torch.randint(0, config.vocab_size, (SEQUENCES, length))
    generator = torch.Generator().manual_seed(arguments.seed + 1)
    batches = torch.randint(0, config.vocab_size, (STEPS, SEQUENCES, length + 1), generator=generator)
    other = perturbed(predicting, arguments.seed + 2)
    weights = checkpoint(predicting)
    logits, losses, choices, gradients = evaluate(predicting, ids)
    steps = train(predicting, batches)

    _, _, other_choices, _ = evaluate(other, ids)
    moved = max(abs(a - b) for one, two in zip(steps, train(other, batches)) for a, b in zip(one, two))
    same = all(torch.equal(choices[k].sort(-1)[0], other_choices[k].sort(-1)[0]) for k in choices)
    print(f"{arguments.case}, seed {arguments.seed}: losses {losses}, training {steps[0]} to {steps[-1]}; training moved by rounding: {moved}")
    if not same or moved > 5e-6:
        print("refused: rounding decides " + ("a training loss" if same else "the choice of an expert") + "; take another --seed")
        return 1

    os.makedirs(folder)
    try:
        config.architectures = ["DeepseekV3ForCausalLM"]
        config.save_pretrained(folder)
        save_file({name: one.contiguous() for name, one in weights.items()}, os.path.join(folder, "model.safetensors"), {"format": "pt"})
        tensors = {"input_ids": ids, "logits": logits[0], **{f"logits.mtp.{k}": one for k, one in enumerate(logits) if k}, **choices, **gradients}
        save_file({name: one.contiguous() for name, one in {**tensors, "train_ids": batches}.items()}, os.path.join(folder, "case.safetensors"))
        with open(os.path.join(folder, "case.json"), "w") as file:
            json.dump(dict(
                losses=losses, weight=WEIGHT, train=steps, moved_by_rounding=moved, seed=arguments.seed,
                optimizer="AdamW lr 1e-3 betas .9 .95 eps 1e-8 wd .1 on every parameter, clip 1.0",
                transformers=transformers.__version__, torch=torch.__version__), file, indent=1)
            file.write("\n")
    except BaseException:
        shutil.rmtree(folder)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())

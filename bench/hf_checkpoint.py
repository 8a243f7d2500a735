"""Loads a model's folder that `actors checkpoint convert` or a training run wrote with Hugging Face transformers, on the CPU in float32, and checks

  1. that transformers finds every tensor of its model, none too many and none of another shape, and reads generation_config.json where there is one;
  2. FP8: that the weights that transformers dequantizes are, bit for bit, code * scale of blocks of 128 x 128 as this program computes them from the files;
  3. with --case: that logits of the case's input_ids are near those in CASE/case.safetensors (hf_reference.py). The measure is 1 - 2 sum xy / sum (x^2 + y^2);
     bounds: 1e-9 for float32, 1e-3 for bfloat16, 0.05 for FP8 (a weight is rounded by up to 1/16 of itself, by 1/8 below the normal numbers, and an expert's choice may flip).

FP8 needs the package accelerate too. transformers derives the size of a block from the grid of scales, so matrices must have at most 128 rows and columns or a multiple
of 128: the case "tiny" has; "plain" has a dense layer of 160, which is refused here.

    dotnet src/Cli/bin/Release/net10.0/actors.dll checkpoint convert tests/Support/Reference/cases/tiny --out /tmp/tiny-fp8 --dtype fp8
    python3 bench/hf_checkpoint.py /tmp/tiny-fp8 --case tests/Support/Reference/cases/tiny
"""

import argparse
import json
import os
import sys
import tempfile

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

BLOCK = 128
BOUNDS = {"float32": 1e-9, "bfloat16": 1e-3, "fp8": 0.05}
SCALES = "_scale_inv"


def read(folder):
    """Every tensor of a folder as it is stored."""
    tensors = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".safetensors"):
            with safe_open(os.path.join(folder, name), framework="pt") as file:
                tensors.update({key: file.get_tensor(key) for key in file.keys()})
    return tensors


def dequantized(tensors):
    """Every tensor as float32, codes times the scales of their blocks."""
    values = {}
    for name, tensor in tensors.items():
        if name.endswith(SCALES):
            continue
        values[name] = tensor.float()
        if tensor.dtype == torch.float8_e4m3fn:
            scales = tensors[name + SCALES].float().repeat_interleave(BLOCK, 0).repeat_interleave(BLOCK, 1)
            values[name] = values[name] * scales[: tensor.shape[0], : tensor.shape[1]]
    return values


def load(folder):
    """transformers' model of a folder in float32; what does not fit ends the program."""
    config = AutoConfig.from_pretrained(folder)
    if getattr(config, "quantization_config", None):
        config.quantization_config["dequantize"] = True
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    wrong = {key: sorted(map(str, info[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key)}
    if wrong:
        sys.exit(f"{folder}: transformers says {wrong}")
    return model.eval()


def plain(folder, values):
    """transformers' model of the same folder with the tensors given, without quantization."""
    with tempfile.TemporaryDirectory() as place:
        with open(os.path.join(folder, "config.json")) as file:
            config = json.load(file)
        config.pop("quantization_config", None)
        with open(os.path.join(place, "config.json"), "w") as file:
            json.dump(config, file)
        save_file({name: value.contiguous() for name, value in values.items()}, os.path.join(place, "model.safetensors"), metadata={"format": "pt"})
        return load(place)


def difference(x, y):
    x, y = x.double(), y.double()
    return float(1 - 2 * (x * y).sum() / (x * x + y * y).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--case", help="a case of hf_reference.py whose model the folder holds")
    arguments = parser.parse_args()

    tensors = read(arguments.folder)
    codes = {name: tensor for name, tensor in tensors.items() if tensor.dtype == torch.float8_e4m3fn}
    odd = {name: tuple(tensor.shape) for name, tensor in codes.items() if any(size > BLOCK and size % BLOCK for size in tensor.shape)}
    if odd:
        sys.exit(f"{arguments.folder}: transformers would take other blocks than of {BLOCK}: {odd}")

    model = load(arguments.folder)
    print(f"transformers loads {len(tensors)} tensors, {len(codes)} of them in FP8")
    if os.path.exists(os.path.join(arguments.folder, "generation_config.json")):
        print(f"generation config: end token {GenerationConfig.from_pretrained(arguments.folder).eos_token_id}")

    other = plain(arguments.folder, dequantized(tensors)).state_dict()
    wrong = [name for name, value in model.state_dict().items() if not torch.equal(value, other[name])]
    if wrong:
        sys.exit(f"weights differ from code * scale: {wrong}")
    print("weights are code * scale, bit for bit")

    if arguments.case:
        with safe_open(os.path.join(arguments.case, "case.safetensors"), framework="pt") as file:
            ids, logits = file.get_tensor("input_ids"), file.get_tensor("logits")
        with torch.no_grad():
            measured = difference(model(input_ids=ids).logits, logits)
        form = "fp8" if codes else "bfloat16" if any(tensor.dtype == torch.bfloat16 for tensor in tensors.values()) else "float32"
        print(f"logits: 1 - 2 sum xy / sum (x^2 + y^2) = {measured:.3e}, bound for {form} {BOUNDS[form]}")
        return 0 if measured <= BOUNDS[form] else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

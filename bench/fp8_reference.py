"""Makes reference cases of quantization to E4M3 and of products with scales, from PyTorch's own casts. python3 fp8_reference.py OUT SEED

Writes OUT/fp8.safetensors. For each case ("small", "odd", "wide") and both kinds of scales (powers of two end in ".p2"):
  x [M,K], w [N,K] f32, with values of bfloat16; exact [M,N] f64, their product
  qx, qw u8          codes; sx [M,K/128], sw [N/128,K/128] f32   scales, both rounded up where 128 does not divide
  product [M,N] f32  sum over tiles of K, in order, of (float32 product of the codes) * sx * sw

Rows have tiles of 1 x 128, weights blocks of 128 x 128; tails are tiles of their own. scale = max(|x|, 1e-4) / 448 in float32, or that rounded up to a power of
two by its bits; code = the nearest E4M3 of x / scale, saturating. Prints the error measure 1 - 2 sum(xy) / sum(x^2 + y^2) of each product.
"""

import sys

import torch
from safetensors.torch import save_file

TILE = 128
CASES = {"small": (5, 128, 128), "odd": (33, 200, 328), "wide": (16, 256, 1024)}


def scale_of(magnitude, power_of_two):
    scale = magnitude.clamp(min=1e-4) / 448.0
    return (((scale.view(torch.int32) + 0x7FFFFF) >> 23) << 23).view(torch.float32) if power_of_two else scale


def quantize(x, scales):
    return (x / scales).clamp(-448, 448).to(torch.float8_e4m3fn)


def tiles(x, power_of_two):
    scales = torch.stack([scale_of(x[:, k : k + TILE].abs().amax(1), power_of_two) for k in range(0, x.shape[1], TILE)], 1)
    return quantize(x, scales.repeat_interleave(TILE, 1)[:, : x.shape[1]]), scales


def blocks(w, power_of_two):
    rows, columns = w.shape
    magnitudes = [[w[n : n + TILE, k : k + TILE].abs().amax() for k in range(0, columns, TILE)] for n in range(0, rows, TILE)]
    scales = scale_of(torch.stack([torch.stack(row) for row in magnitudes]), power_of_two)
    return quantize(w, scales.repeat_interleave(TILE, 0)[:rows].repeat_interleave(TILE, 1)[:, :columns]), scales


def product(qx, sx, qw, sw):
    total = torch.zeros(qx.shape[0], qw.shape[0])
    for t in range(sx.shape[1]):
        k = slice(t * TILE, (t + 1) * TILE)
        total += (qx[:, k].float() @ qw[:, k].float().T) * sx[:, t, None] * sw[:, t].repeat_interleave(TILE)[: qw.shape[0]]
    return total


def error(found, exact):
    return (1 - 2 * (found.double() * exact).sum() / (found.double() ** 2 + exact**2).sum()).item()


def main(folder, seed):
    torch.manual_seed(seed)
    tensors = {}
    for name, (m, n, k) in CASES.items():
        x = torch.randn(m, k) * torch.exp(torch.randn(m, 1))
        x[0, :3] = torch.tensor([0.0, 300.0, -1e-6])
        w = torch.randn(n, k) * 0.02
        x, w = x.bfloat16().float(), w.bfloat16().float()
        exact = x.double() @ w.double().T
        tensors |= {f"{name}.x": x, f"{name}.w": w, f"{name}.exact": exact}
        for end, power_of_two in (("", False), (".p2", True)):
            (qx, sx), (qw, sw) = tiles(x, power_of_two), blocks(w, power_of_two)
            y = product(qx, sx, qw, sw)
            parts = {"qx": qx.view(torch.uint8), "sx": sx, "qw": qw.view(torch.uint8), "sw": sw, "product": y}
            tensors |= {f"{name}.{part}{end}": value for part, value in parts.items()}
            print(f"{name}{end}: {error(y, exact):.2e}")
    save_file({key: value.contiguous() for key, value in tensors.items()}, f"{folder}/fp8.safetensors")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

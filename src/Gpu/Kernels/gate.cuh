// What the gate's kernels have in common.
#pragma once
#include "scalars.cuh"

struct gate_shape {
    int groups, groups_kept, experts_kept, normalize;
    float scaling;
};

// 1 / (1 + exp(-x)), rounded nearly once: what the sum and the quotient leave over is given back, so that experts are chosen as by a float64 sigmoid.
__device__ __forceinline__ float sigmoid(float x) {
    const float a = expf(-fabsf(x)), numerator = x < 0.0f ? a : 1.0f;
    const float total = 1.0f + a, rest = a - (total - 1.0f);
    const float inverse = reciprocal(total), quotient = numerator * inverse;
    return fmaf(fmaf(-rest, quotient, fmaf(-total, quotient, numerator)), inverse, quotient);
}

// A number as an integer of the same order; above 0, which stands for what cannot be chosen.
__device__ __forceinline__ unsigned order_of(float x) {
    const unsigned bits = __float_as_uint(x);
    return bits ^ (static_cast<unsigned>(static_cast<int>(bits) >> 31) | 0x80000000u);
}

// What a chosen expert's output weighs, of its score and the sum of the chosen ones'.
__device__ __forceinline__ float weight_of(const gate_shape& gate, float score, float sum) {
    return gate.normalize ? score / (sum + 1e-20f) * gate.scaling : score * gate.scaling;
}

// Adds 0, or NaN where x is not finite.
__device__ __forceinline__ float watch(float x, float flaw) {
    return fmaf(x, 0.0f, flaw);
}

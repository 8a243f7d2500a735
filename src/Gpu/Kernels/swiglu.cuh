// silu(gate) * up, silu(g) = g / (1 + exp(-g)), and its backward, of one element: all kernels compute the same bits.
#pragma once

__device__ __forceinline__ float swiglu_of(float gate, float up) {
    return up * (gate / (1.0f + expf(-gate)));
}

// With a = silu(gate) * up and the gradient dy of w * a: w * dy * da/dgate, w * dy * da/dup and w * a in the places of gate, up and dy; dy * a is added to the sum.
__device__ __forceinline__ void swiglu_backward_of(float& gate, float& up, float& gradient, float weight, float& sum) {
    const float sigmoid = 1.0f / (1.0f + expf(-gate));
    const float silu = gate * sigmoid;
    const float slope = sigmoid * (1.0f + gate * (1.0f - sigmoid));
    const float product = silu * up;
    sum += gradient * product;
    gate = weight * gradient * up * slope;
    up = weight * gradient * silu;
    gradient = weight * product;
}

// Single elements, for rows that do not begin at multiples of 16 bytes and for odd columns.
#pragma once
#include "elements.cuh"

constexpr unsigned all_lanes = 0xffffffffu;

__device__ __forceinline__ float infinity() {
    return __int_as_float(0x7f800000);
}

__device__ __forceinline__ float not_a_number() {
    return __int_as_float(0x7fffffff);
}

__device__ __forceinline__ float load(const float* element) {
    return *element;
}

__device__ __forceinline__ float load(const bfloat16* element) {
    return __uint_as_float(static_cast<unsigned>(element->bits) << 16);
}

__device__ __forceinline__ void store(float* element, float x) {
    *element = x;
}

__device__ __forceinline__ void store(bfloat16* element, float x) {
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(0.0f), "f"(x));
    element->bits = static_cast<unsigned short>(both);
}

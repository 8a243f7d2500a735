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
    element->bits = static_cast<unsigned short>(pair_of(x, 0.0f));
}

__device__ __forceinline__ void store_pair(bfloat16* elements, float first, float second) {
    *reinterpret_cast<unsigned*>(elements) = pair_of(first, second);
}

// 2 to the power of x, to two units in the last place; enough where the result becomes a bfloat16.
__device__ __forceinline__ float power_of_two(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// 1 / x, to one unit in the last place.
__device__ __forceinline__ float reciprocal(float x) {
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// Asks for the 128 bytes at an address to be brought to the second-level cache.
__device__ __forceinline__ void prefetch_line(const void* address) {
    asm volatile("prefetch.global.L2 [%0];" ::"l"(address));
}

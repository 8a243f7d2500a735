// E4M3 and E5M6, to the bit as Actors.Tensors.Formats has them, by integers and one addition, so that every GPU rounds alike. Pairs of E4M3 are converted by GPUs that
// can, which round so too.
#pragma once
#include "scalars.cuh"

template <int exponent_bits, int mantissa_bits, unsigned most_finite, unsigned overflow, unsigned nan>
struct small_float {
    static constexpr int bias = (1 << (exponent_bits - 1)) - 1, dropped_bits = 23 - mantissa_bits, sign_shift = 31 - exponent_bits - mantissa_bits;
    static constexpr unsigned code_of_nan = nan, magnitude_mask = (1u << (exponent_bits + mantissa_bits)) - 1;

    // The nearest code of a number, ties to even; what is too large becomes the largest.
    static __device__ __forceinline__ unsigned encode(float x) {
        constexpr unsigned smallest_normal = (127u + 1 - bias) << 23, addend = (127u + 23 + 1 - bias - mantissa_bits) << 23;
        const unsigned bits = __float_as_uint(x), magnitude = bits & 0x7fffffffu;
        // Below the smallest normal the addition rounds: the last place of the sum is the smallest subnormal.
        const unsigned small = __float_as_uint(__uint_as_float(magnitude) + __uint_as_float(addend)) - addend;
        const unsigned half = (1u << (dropped_bits - 1)) - 1 + (magnitude >> dropped_bits & 1);
        const unsigned normal = ((magnitude + half) >> dropped_bits) - (static_cast<unsigned>(127 - bias) << mantissa_bits);
        return min(magnitude < smallest_normal ? small : normal, most_finite) | (bits & 0x80000000u) >> sign_shift;
    }

    // The exact value of a code: exponent and mantissa at a float32's place, times the ratio of the two biases.
    static __device__ __forceinline__ float decode(unsigned code) {
        const unsigned magnitude = code & magnitude_mask, sign = (code & (magnitude_mask + 1)) << sign_shift;
        const float ratio = __uint_as_float((127u + 127 - bias) << 23);
        const float value = magnitude <= most_finite ? __uint_as_float(magnitude << dropped_bits) * ratio
            : magnitude == overflow && overflow != nan ? infinity()
            : not_a_number();
        return __uint_as_float(__float_as_uint(value) | sign);
    }
};

using e4m3 = small_float<4, 3, 0x7e, 0x7f, 0x7f>;
using e5m6 = small_float<5, 6, 0x7bf, 0x7c0, 0x7e0>;

// Codes of two numbers, the first in the lower byte.
__device__ __forceinline__ unsigned e4m3_pair_of(float first, float second) {
#if __CUDA_ARCH__ >= 890
    unsigned short pair;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %2, %1;" : "=h"(pair) : "f"(first), "f"(second));
    return pair;
#else
    return e4m3::encode(first) | e4m3::encode(second) << 8;
#endif
}

// The numbers of two codes, of which the first is in the lower byte.
__device__ __forceinline__ void e4m3_numbers_of(unsigned pair, float& first, float& second) {
#if __CUDA_ARCH__ >= 890
    asm("{\n.reg .b32 halves;\n.reg .b16 low, high;\ncvt.rn.f16x2.e4m3x2 halves, %2;\nmov.b32 {low, high}, halves;\ncvt.f32.f16 %0, low;\ncvt.f32.f16 %1, high;\n}"
        : "=f"(first), "=f"(second)
        : "h"(static_cast<unsigned short>(pair)));
#else
    first = e4m3::decode(pair & 0xff);
    second = e4m3::decode(pair >> 8 & 0xff);
#endif
}

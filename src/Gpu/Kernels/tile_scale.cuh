// Scales of tiles and how a dimension is cut into them; mirrors Actors.Tensors.Formats.TileScale and Actors.Tensors.Quantized.TileCuts.
#pragma once
#include "small_float.cuh"

constexpr int tile_elements = 128;

struct tile_cuts {
    int length, second;

    __device__ __forceinline__ static int covering(int elements) { return (elements + tile_elements - 1) / tile_elements; }

    __device__ __forceinline__ int count() const { return covering(second) + covering(length - second); }

    __device__ __forceinline__ int start(int tile) const {
        const int first = covering(second);
        return tile < first ? tile * tile_elements : second + (tile - first) * tile_elements;
    }

    __device__ __forceinline__ int size(int tile) const {
        const int end = tile < covering(second) ? second : length;
        return min(tile_elements, end - start(tile));
    }

    __device__ __forceinline__ int tile_of(int element) const {
        return element < second ? element / tile_elements : covering(second) + (element - second) / tile_elements;
    }
};

// As an integer: magnitudes are in the order of their bits, with infinity and NaN behind all numbers.
__device__ __forceinline__ unsigned magnitude_of(float x) {
    return __float_as_uint(x) & 0x7fffffffu;
}

// The largest magnitude of so many neighbouring lanes' numbers; all lanes of the warp call it.
template <int lanes, int count>
__device__ __forceinline__ unsigned largest_magnitude(const float (&x)[count]) {
    unsigned magnitude = 0;
#pragma unroll
    for (int i = 0; i < count; i++) {
        magnitude = max(magnitude, magnitude_of(x[i]));
    }

#pragma unroll
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
        magnitude = max(magnitude, __shfl_xor_sync(all_lanes, magnitude, distance));
    }

    return magnitude;
}

// The nearest number to x / y, with the nearest to 1 / y: the remainder of a first quotient leads to it (Markstein, 1990), unless all bits of y's significand are
// ones. A remainder of zero is added with the sign that leaves the first quotient's, so the result has the sign of x, also where it is zero.
__device__ __forceinline__ float near_quotient(float x, float y, float reciprocal) {
    const float first = x * reciprocal;
    return fmaf(fmaf(first, y, -x), -reciprocal, first);
}

__device__ __forceinline__ float scale_of(unsigned magnitude, float largest, bool is_power_of_two) {
    if (magnitude >= 0x7f800000u) {
        return __uint_as_float(0x7fc00000u);
    }

    const float scale = near_quotient(fmaxf(__uint_as_float(magnitude), 1e-4f), largest, 1.0f / largest);
    return is_power_of_two ? __uint_as_float((__float_as_uint(scale) + 0x7fffffu) & ~0x7fffffu) : scale;
}

__device__ __forceinline__ float e4m3_scale_of(unsigned magnitude, bool is_power_of_two) {
    return scale_of(magnitude, 448.0f, is_power_of_two);
}

__device__ __forceinline__ float e5m6_scale_of(unsigned magnitude) {
    return scale_of(magnitude, 65024.0f, true);
}

// Divides numbers by a tile's scale, which is positive.
struct tile_divisor {
    float scale, reciprocal;
    bool has_reciprocal;

    // The scale of a tile whose numbers are not all finite.
    __device__ __forceinline__ bool is_nan() const { return scale != scale; }

    template <int count>
    __device__ __forceinline__ void divide(const float (&x)[count], float (&quotients)[count]) const {
        if (has_reciprocal) {
#pragma unroll
            for (int k = 0; k < count; k++) {
                quotients[k] = near_quotient(x[k], scale, reciprocal);
            }
        } else {
#pragma unroll
            for (int k = 0; k < count; k++) {
                quotients[k] = x[k] / scale;
            }
        }
    }
};

// With the nearest number to 1 / scale.
__device__ __forceinline__ tile_divisor divisor_of(float scale, float reciprocal) {
    return {scale, reciprocal, (__float_as_uint(scale) & 0x7fffffu) != 0x7fffffu};
}

__device__ __forceinline__ tile_divisor divisor_of(float scale) {
    return divisor_of(scale, 1.0f / scale);
}

// The numbers of a tile that a lane of its warp has: four neighbours, or every 32nd where rows begin anywhere. Beyond the tile there are zeros.
template <bool is_packed>
__device__ __forceinline__ int place_in_tile(int k) {
    const int lane = threadIdx.x % 32;
    return is_packed ? 4 * lane + k : 32 * k + lane;
}

struct alignas(8) four_bfloat16 {
    unsigned words[2];
};

// Four neighbours that begin at a multiple of four elements.
__device__ __forceinline__ void load_four(const float* from, float (&x)[4]) {
    const pack<float> four = *reinterpret_cast<const pack<float>*>(from);
    four.get(x);
}

__device__ __forceinline__ void load_four(const bfloat16* from, float (&x)[4]) {
    const four_bfloat16 four = *reinterpret_cast<const four_bfloat16*>(from);
#pragma unroll
    for (int k = 0; k < 4; k++) {
        x[k] = __uint_as_float(k % 2 == 0 ? four.words[k / 2] << 16 : four.words[k / 2] & 0xffff0000u);
    }
}

// Eight neighbours that begin at a multiple of eight elements.
template <typename T>
__device__ __forceinline__ void load_eight(const T* from, float (&x)[8]) {
#pragma unroll
    for (int part = 0; part < 8 / pack<T>::size; part++) {
        const pack<T> numbers = reinterpret_cast<const pack<T>*>(from)[part];
        float some[pack<T>::size];
        numbers.get(some);
#pragma unroll
        for (int i = 0; i < pack<T>::size; i++) {
            x[part * pack<T>::size + i] = some[i];
        }
    }
}

// Zeros behind a tile's end.
template <bool is_packed, typename T>
__device__ __forceinline__ void load_tile(const T* tile, int size, float (&x)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
        x[k] = !is_packed && place_in_tile<is_packed>(k) < size ? load(tile + place_in_tile<is_packed>(k)) : 0.0f;
    }

    if (is_packed && place_in_tile<is_packed>(0) < size) {
        load_four(tile + place_in_tile<is_packed>(0), x);
    }
}

template <bool is_packed>
__device__ __forceinline__ void store_tile(float* tile, int size, const float (&x)[4]) {
    if constexpr (is_packed) {
        if (place_in_tile<true>(0) < size) {
            reinterpret_cast<pack<float>*>(tile)[threadIdx.x % 32].set(x);
        }
    } else {
#pragma unroll
        for (int k = 0; k < 4; k++) {
            if (place_in_tile<false>(k) < size) {
                tile[place_in_tile<false>(k)] = x[k];
            }
        }
    }
}

template <bool is_packed>
__device__ __forceinline__ void store_tile(bfloat16* tile, int size, const float (&x)[4]) {
    if constexpr (is_packed) {
        if (place_in_tile<true>(0) < size) {
            reinterpret_cast<four_bfloat16*>(tile)[threadIdx.x % 32] = {{pair_of(x[0], x[1]), pair_of(x[2], x[3])}};
        }
    } else {
#pragma unroll
        for (int k = 0; k < 4; k++) {
            if (place_in_tile<false>(k) < size) {
                store(tile + place_in_tile<false>(k), x[k]);
            }
        }
    }
}

// Codes of a tile's numbers, the first in the lowest byte.
__device__ __forceinline__ unsigned codes_of(const float (&x)[4], const tile_divisor& divisor) {
    float quotients[4];
    divisor.divide(x, quotients);
    const unsigned low = e4m3_pair_of(quotients[0], quotients[1]), high = e4m3_pair_of(quotients[2], quotients[3]);
    return divisor.is_nan() ? e4m3::code_of_nan * 0x01010101u : low | high << 16;
}

// The numbers of four codes.
__device__ __forceinline__ void numbers_of(unsigned four, float (&x)[4]) {
    e4m3_numbers_of(four & 0xffffu, x[0], x[1]);
    e4m3_numbers_of(four >> 16, x[2], x[3]);
}

template <bool is_packed>
__device__ __forceinline__ void store_codes(unsigned char* tile, int size, unsigned four) {
    if constexpr (is_packed) {
        if (place_in_tile<true>(0) < size) {
            reinterpret_cast<unsigned*>(tile)[threadIdx.x % 32] = four;
        }
    } else {
#pragma unroll
        for (int k = 0; k < 4; k++) {
            if (place_in_tile<false>(k) < size) {
                tile[place_in_tile<false>(k)] = static_cast<unsigned char>(four >> 8 * k);
            }
        }
    }
}

// Codes and scale of a tile's numbers, which a lane has every 32nd of; all lanes of its warp call it.
__device__ __forceinline__ void quantize_tile(const float (&x)[4], int size, unsigned char* codes, float* scale, bool is_power_of_two) {
    unsigned magnitude = 0;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        magnitude = max(magnitude, magnitude_of(x[i]));
    }

    const tile_divisor divisor = divisor_of(e4m3_scale_of(__reduce_max_sync(all_lanes, magnitude), is_power_of_two));
    store_codes<false>(codes, size, codes_of(x, divisor));
    if (threadIdx.x % 32 == 0 && size > 0) {
        *scale = divisor.scale;
    }
}

template <bool is_packed>
__device__ __forceinline__ void load_codes(const unsigned char* tile, int size, float (&x)[4]) {
    unsigned four = 0;
    if (is_packed && place_in_tile<is_packed>(0) < size) {
        four = reinterpret_cast<const unsigned*>(tile)[threadIdx.x % 32];
    }

#pragma unroll
    for (int k = 0; k < 4; k++) {
        if (!is_packed && place_in_tile<is_packed>(k) < size) {
            four |= static_cast<unsigned>(tile[place_in_tile<is_packed>(k)]) << 8 * k;
        }
    }

    numbers_of(four, x);
}

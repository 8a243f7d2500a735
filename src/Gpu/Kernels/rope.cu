// Rotates the last 2 * pairs elements of each head, in place: (2i, 2i + 1) by the angle whose cosine and sine are (position, i) of the tables.
#include "scalars.cuh"

struct rope_tables {
    const int* positions;
    rows_of<const float> cos, sin;
    float sign;
};

__device__ __forceinline__ void rotate(float& even, float& odd, float cosine, float sine) {
    const float first = even * cosine - odd * sine;
    odd = odd * cosine + even * sine;
    even = first;
}

// A thread rotates `count` pairs that lie side by side: a pack of them, or one pair element by element.
template <typename T, int count>
__device__ __forceinline__ void rotate_pairs(T* elements, const float* cos, const float* sin, float sign) {
    if constexpr (count == 1) {
        float even = load(elements), odd = load(elements + 1);
        rotate(even, odd, *cos, sign * *sin);
        store(elements, even);
        store(elements + 1, odd);
    } else {
        auto* packed = reinterpret_cast<pack<T>*>(elements);
        float x[pack<T>::size];
        packed->get(x);
#pragma unroll
        for (int i = 0; i < count; i++) {
            rotate(x[2 * i], x[2 * i + 1], cos[i], sign * sin[i]);
        }

        packed->set(x);
    }
}

template <typename T, int count>
__device__ __forceinline__ void rope_rows(rows_of<T> x, const rope_tables& tables, row_count rows, int heads, int head_columns, int pairs) {
    const int parts = pairs / count, row_parts = heads * parts;
    const long long end = static_cast<long long>(rows.get()) * row_parts;
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < end; i += step) {
        // A division of 64 bits costs more than the rotation.
        const long long r = end <= 0x7fffffff ? static_cast<int>(i) / row_parts : i / row_parts;
        const int part = static_cast<int>(i - r * row_parts), head = part / parts, pair = part % parts * count;
        const long long position = tables.positions[r];
        rotate_pairs<T, count>(
            x.data + r * x.stride + (head + 1LL) * head_columns - 2 * (pairs - pair),
            tables.cos.data + position * tables.cos.stride + pair, tables.sin.data + position * tables.sin.stride + pair, tables.sign);
    }
}

template <typename T>
__device__ __forceinline__ void rope(
    rows_of<T> x, const rope_tables& tables, row_count rows, int heads, int head_columns, int pairs, int packed) {
    if (packed) {
        rope_rows<T, pack<T>::size / 2>(x, tables, rows, heads, head_columns, pairs);
    } else {
        rope_rows<T, 1>(x, tables, rows, heads, head_columns, pairs);
    }
}

extern "C" __global__ void rope_float32(rows_of<float> x, rope_tables tables, row_count rows, int heads, int head_columns, int pairs, int packed) {
    rope<float>(x, tables, rows, heads, head_columns, pairs, packed);
}

extern "C" __global__ void rope_bfloat16(
    rows_of<bfloat16> x, rope_tables tables, row_count rows, int heads, int head_columns, int pairs, int packed) {
    rope<bfloat16>(x, tables, rows, heads, head_columns, pairs, packed);
}

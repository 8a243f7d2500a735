// How rows are passed over: by packs of 16 bytes where addresses, strides and columns allow, else element by element.
#pragma once

#include "scalars.cuh"

template <typename T>
struct single {
    static constexpr int size = 1;
    T element;

    __device__ __forceinline__ void get(float (&x)[1]) const { x[0] = load(&element); }

    __device__ __forceinline__ void set(const float (&x)[1]) { store(&element, x[0]); }
};

// The units of a row.
template <typename U, typename T>
__device__ __forceinline__ U* units_of(rows_of<T> rows, long long r) {
    return reinterpret_cast<U*>(rows.data + r * rows.stride);
}

template <typename U, typename T>
__device__ __forceinline__ const U* units_of(rows_of<const T> rows, long long r) {
    return reinterpret_cast<const U*>(rows.data + r * rows.stride);
}

// As many float32 numbers as a unit has elements, from an address that is a multiple of 16 bytes where the unit is a pack.
template <int size>
__device__ __forceinline__ void get_floats(const float* from, float (&x)[size]) {
    if constexpr (size == 1) {
        x[0] = *from;
    } else {
#pragma unroll
        for (int quarter = 0; quarter < size / 4; quarter++) {
            float four[4];
            reinterpret_cast<const pack<float>*>(from)[quarter].get(four);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                x[4 * quarter + i] = four[i];
            }
        }
    }
}

template <int size>
__device__ __forceinline__ void set_floats(float* to, const float (&x)[size]) {
    if constexpr (size == 1) {
        *to = x[0];
    } else {
#pragma unroll
        for (int quarter = 0; quarter < size / 4; quarter++) {
            const float four[4] = {x[4 * quarter], x[4 * quarter + 1], x[4 * quarter + 2], x[4 * quarter + 3]};
            reinterpret_cast<pack<float>*>(to)[quarter].set(four);
        }
    }
}

// Units that a thread has on their way at once. Mirrors PackedRows.Depth.
constexpr int unit_depth = 4;

// Calls load(row, unit, k) for up to unit_depth units of a thread, then store(row, unit, k) for the same, spread over the grid.
template <typename Load, typename Store>
__device__ __forceinline__ void for_each_unit(row_count rows, int units, Load load, Store store) {
    const long long end = static_cast<long long>(rows.get()) * units;
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x * unit_depth;
    // A division of 32 bits takes a fraction of one of 64.
    const bool is_short = end <= 0x7fffffff;
    for (long long first = static_cast<long long>(blockIdx.x) * blockDim.x * unit_depth + threadIdx.x; first < end; first += step) {
        long long row[unit_depth];
#pragma unroll
        for (int k = 0; k < unit_depth; k++) {
            const long long i = first + k * static_cast<int>(blockDim.x);
            row[k] = is_short ? static_cast<unsigned>(i) / static_cast<unsigned>(units) : i / units;
            if (i < end) {
                load(row[k], static_cast<int>(i - row[k] * units), k);
            }
        }

#pragma unroll
        for (int k = 0; k < unit_depth; k++) {
            const long long i = first + k * static_cast<int>(blockDim.x);
            if (i < end) {
                store(row[k], static_cast<int>(i - row[k] * units), k);
            }
        }
    }
}

// The same for the units first, first + step, ... of one row, up to the end: load(unit, k), then store(unit, k).
template <typename Load, typename Store>
__device__ __forceinline__ void for_each_unit_of_row(int first, int end, int step, Load load, Store store) {
    for (int from = first; from < end; from += step * unit_depth) {
#pragma unroll
        for (int k = 0; k < unit_depth; k++) {
            if (from + k * step < end) {
                load(from + k * step, k);
            }
        }

#pragma unroll
        for (int k = 0; k < unit_depth; k++) {
            if (from + k * step < end) {
                store(from + k * step, k);
            }
        }
    }
}

// sum = a + b, and sum = a + (b + c) in this order of rounding; sum may be any of them.
#include "units.cuh"

template <typename T, typename U>
__device__ __forceinline__ void add_units(rows_of<const T> a, rows_of<const T> b, rows_of<const T> c, rows_of<T> sum, row_count rows, int columns) {
    U first[unit_depth], second[unit_depth], third[unit_depth];
    for_each_unit(rows, columns / U::size, [&](long long r, int p, int k) {
        first[k] = units_of<U>(a, r)[p];
        second[k] = units_of<U>(b, r)[p];
        if (c.data != nullptr) {
            third[k] = units_of<U>(c, r)[p];
        }
    }, [&](long long r, int p, int k) {
        float left[U::size], right[U::size];
        second[k].get(right);
        if (c.data != nullptr) {
            third[k].get(left);
#pragma unroll
            for (int i = 0; i < U::size; i++) {
                right[i] += left[i];
            }
        }

        first[k].get(left);
#pragma unroll
        for (int i = 0; i < U::size; i++) {
            left[i] += right[i];
        }

        U result;
        result.set(left);
        units_of<U>(sum, r)[p] = result;
    });
}

template <typename T>
__device__ __forceinline__ void add(
    rows_of<const T> a, rows_of<const T> b, rows_of<const T> c, rows_of<T> sum, row_count rows, int columns, bool is_packed) {
    if (is_packed) {
        add_units<T, pack<T>>(a, b, c, sum, rows, columns);
    } else {
        add_units<T, single<T>>(a, b, c, sum, rows, columns);
    }
}

extern "C" __global__ void add_float32(
    rows_of<const float> a, rows_of<const float> b, rows_of<float> sum, row_count rows, int columns, bool is_packed) {
    add<float>(a, b, {nullptr, 0}, sum, rows, columns, is_packed);
}

extern "C" __global__ void add_bfloat16(
    rows_of<const bfloat16> a, rows_of<const bfloat16> b, rows_of<bfloat16> sum, row_count rows, int columns, bool is_packed) {
    add<bfloat16>(a, b, {nullptr, 0}, sum, rows, columns, is_packed);
}

extern "C" __global__ void add_three_float32(
    rows_of<const float> a, rows_of<const float> b, rows_of<const float> c, rows_of<float> sum, row_count rows, int columns, bool is_packed) {
    add<float>(a, b, c, sum, rows, columns, is_packed);
}

extern "C" __global__ void add_three_bfloat16(
    rows_of<const bfloat16> a, rows_of<const bfloat16> b, rows_of<const bfloat16> c, rows_of<bfloat16> sum, row_count rows, int columns, bool is_packed) {
    add<bfloat16>(a, b, c, sum, rows, columns, is_packed);
}

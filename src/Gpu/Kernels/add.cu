// sum = a + b; sum may be a or b.
#include "elements.cuh"

template <typename T>
__device__ __forceinline__ void add(rows_of<const T> a, rows_of<const T> b, rows_of<T> sum, row_count rows, int columns) {
    for_each_pack<T>(rows, columns, [&](long long r, int p) {
        constexpr int size = pack<T>::size;
        float left[size], right[size];
        a.packs(r)[p].get(left);
        b.packs(r)[p].get(right);
#pragma unroll
        for (int i = 0; i < size; i++) {
            left[i] += right[i];
        }

        sum.packs(r)[p].set(left);
    });
}

extern "C" __global__ void add_float32(rows_of<const float> a, rows_of<const float> b, rows_of<float> sum, row_count rows, int columns) {
    add<float>(a, b, sum, rows, columns);
}

extern "C" __global__ void add_bfloat16(rows_of<const bfloat16> a, rows_of<const bfloat16> b, rows_of<bfloat16> sum, row_count rows, int columns) {
    add<bfloat16>(a, b, sum, rows, columns);
}

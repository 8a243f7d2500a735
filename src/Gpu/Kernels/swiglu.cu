// y = silu(gate) * up, silu(g) = g / (1 + exp(-g)); gate_up has gate in its first columns, up in the others.
#include "elements.cuh"

template <typename T>
__device__ __forceinline__ void swiglu(rows_of<const T> gate_up, rows_of<T> y, row_count rows, int columns) {
    for_each_pack<T>(rows, columns, [&](long long r, int p) {
        constexpr int size = pack<T>::size;
        float gate[size], up[size];
        gate_up.packs(r)[p].get(gate);
        gate_up.packs(r)[p + columns / size].get(up);
#pragma unroll
        for (int i = 0; i < size; i++) {
            up[i] *= gate[i] / (1.0f + expf(-gate[i]));
        }

        y.packs(r)[p].set(up);
    });
}

extern "C" __global__ void swiglu_float32(rows_of<const float> gate_up, rows_of<float> y, row_count rows, int columns) {
    swiglu<float>(gate_up, y, rows, columns);
}

extern "C" __global__ void swiglu_bfloat16(rows_of<const bfloat16> gate_up, rows_of<bfloat16> y, row_count rows, int columns) {
    swiglu<bfloat16>(gate_up, y, rows, columns);
}

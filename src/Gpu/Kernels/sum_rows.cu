// y[t] = sum over k in order of weights[t, k] * x[rows[t, k]], float32 from zero with fused multiply-add, rounded once; a row number below 0 adds nothing.
#include "elements.cuh"
#include "row_threads.cuh"
#include "scalars.cuh"

template <typename T, typename F>
__device__ __forceinline__ void for_each_term(const int* rows, const float* weights, int choices, rows_of<const T> x, F add) {
    for (int k = 0; k < choices; k++) {
        const int row = rows[k];
        if (row >= 0) {
            add(x.data + row * x.stride, weights == nullptr ? 1.0f : weights[k]);
        }
    }
}

template <typename T>
__device__ __forceinline__ void sum_packs(
    rows_of<const T> x, const int* rows, long long rows_stride, const float* weights, long long weights_stride, rows_of<T> y, row_count tokens, int choices, int columns,
    int shift) {
    const row_threads share(shift);
    const int packs = columns / pack<T>::size, end = tokens.get();
    for (long long t = share.first_row; t < end; t += share.row_step) {
        const float* factors = weights == nullptr ? nullptr : weights + t * weights_stride;
        for (int p = share.lane; p < packs; p += share.lanes) {
            float sum[pack<T>::size] = {};
            for_each_term<T>(rows + t * rows_stride, factors, choices, x, [&](const T* row, float weight) {
                float term[pack<T>::size];
                reinterpret_cast<const pack<T>*>(row)[p].get(term);
#pragma unroll
                for (int i = 0; i < pack<T>::size; i++) {
                    sum[i] = fmaf(weight, term[i], sum[i]);
                }
            });
            y.packs(t)[p].set(sum);
        }
    }
}

template <typename T>
__device__ __forceinline__ void sum_elements(
    rows_of<const T> x, const int* rows, long long rows_stride, const float* weights, long long weights_stride, rows_of<T> y, row_count tokens, int choices, int columns,
    int shift) {
    const row_threads share(shift);
    const int end = tokens.get();
    for (long long t = share.first_row; t < end; t += share.row_step) {
        const float* factors = weights == nullptr ? nullptr : weights + t * weights_stride;
        for (int c = share.lane; c < columns; c += share.lanes) {
            float sum = 0.0f;
            for_each_term<T>(rows + t * rows_stride, factors, choices, x, [&](const T* row, float weight) { sum = fmaf(weight, load(row + c), sum); });
            store(y.data + t * y.stride + c, sum);
        }
    }
}

#define SUM_ROWS(name, path, type)                                                                                                            \
    extern "C" __global__ void name(                                                                                                          \
        rows_of<const type> x, const int* rows, long long rows_stride, const float* weights, long long weights_stride, rows_of<type> y,      \
        row_count tokens, int choices, int columns, int shift) {                                                                              \
        path<type>(x, rows, rows_stride, weights, weights_stride, y, tokens, choices, columns, shift);                                        \
    }

SUM_ROWS(sum_rows_float32, sum_packs, float)
SUM_ROWS(sum_rows_bfloat16, sum_packs, bfloat16)
SUM_ROWS(sum_rows_elements_float32, sum_elements, float)
SUM_ROWS(sum_rows_elements_bfloat16, sum_elements, bfloat16)

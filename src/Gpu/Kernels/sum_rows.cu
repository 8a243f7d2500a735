// y[t] = sum over k in order of weights[t, k] * x[rows[t, k]], float32 from zero with fused multiply-add, rounded once; a row number below 0 adds nothing.
#include "row_threads.cuh"
#include "units.cuh"

// Terms of a sum that are read at once.
constexpr int term_batch = 8;

template <typename T, typename U>
__device__ __forceinline__ void sum_units(
    rows_of<const T> x, const int* rows, long long rows_stride, const float* weights, long long weights_stride, rows_of<T> y, row_count tokens, int choices, int columns,
    int shift) {
    const row_threads share(shift);
    const int units = columns / U::size, end = tokens.get();
    for (long long t = share.first_row; t < end; t += share.row_step) {
        const int* numbers = rows + t * rows_stride;
        const float* factors = weights == nullptr ? nullptr : weights + t * weights_stride;
        for (int u = share.lane; u < units; u += share.lanes) {
            float sum[U::size] = {};
            for (int first = 0; first < choices; first += term_batch) {
                int row[term_batch];
                float factor[term_batch];
                U term[term_batch];
#pragma unroll
                for (int k = 0; k < term_batch; k++) {
                    row[k] = first + k < choices ? numbers[first + k] : -1;
                    factor[k] = factors != nullptr && first + k < choices ? factors[first + k] : 1.0f;
                }

#pragma unroll
                for (int k = 0; k < term_batch; k++) {
                    if (row[k] >= 0) {
                        term[k] = units_of<U>(x, row[k])[u];
                    }
                }

#pragma unroll
                for (int k = 0; k < term_batch; k++) {
                    if (row[k] >= 0) {
                        float added[U::size];
                        term[k].get(added);
#pragma unroll
                        for (int i = 0; i < U::size; i++) {
                            sum[i] = fmaf(factor[k], added[i], sum[i]);
                        }
                    }
                }
            }

            U result;
            result.set(sum);
            units_of<U>(y, t)[u] = result;
        }
    }
}

#define SUM_ROWS(name, type, unit)                                                                                                            \
    extern "C" __global__ void name(                                                                                                          \
        rows_of<const type> x, const int* rows, long long rows_stride, const float* weights, long long weights_stride, rows_of<type> y,      \
        row_count tokens, int choices, int columns, int shift) {                                                                              \
        sum_units<type, unit<type>>(x, rows, rows_stride, weights, weights_stride, y, tokens, choices, columns, shift);                       \
    }

SUM_ROWS(sum_rows_float32, float, pack)
SUM_ROWS(sum_rows_bfloat16, bfloat16, pack)
SUM_ROWS(sum_rows_elements_float32, float, single)
SUM_ROWS(sum_rows_elements_bfloat16, bfloat16, single)

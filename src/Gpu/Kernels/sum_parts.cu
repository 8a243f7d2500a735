// y[r] = sum over parts p in order of parts[p][rows[r * count + p]]: the first present part is copied, the others are added in float32; one rounding. A row
// without a part is zero. Long rows are shared by the blocks of a column of the grid: a whole tensor may be one row.
#include "row_threads.cuh"
#include "units.cuh"

template <typename T, typename U>
__device__ __forceinline__ void sum_units(const rows_of<const T>* parts, int count, const int* rows, rows_of<T> y, int end, int units, int shift) {
    const row_threads share(shift);
    const int tile = share.lanes * unit_depth;
    for (long long r = share.first_row; r < end; r += share.row_step) {
        for (long long first = static_cast<long long>(blockIdx.y) * tile + share.lane; first < units; first += static_cast<long long>(gridDim.y) * tile) {
            float sum[unit_depth][U::size] = {};
            bool is_first = true;
            for (int p = 0; p < count; p++) {
                const int row = rows[r * count + p];
                if (row < 0) {
                    continue;
                }

                // All units of a part are on their way before the first is added.
                const U* from = units_of<U>(parts[p], row);
                U unit[unit_depth];
#pragma unroll
                for (int k = 0; k < unit_depth; k++) {
                    if (first + k * share.lanes < units) {
                        unit[k] = from[first + k * share.lanes];
                    }
                }

#pragma unroll
                for (int k = 0; k < unit_depth; k++) {
                    if (first + k * share.lanes < units) {
                        float term[U::size];
                        unit[k].get(term);
#pragma unroll
                        for (int i = 0; i < U::size; i++) {
                            sum[k][i] = is_first ? term[i] : sum[k][i] + term[i];
                        }
                    }
                }

                is_first = false;
            }

            U* to = units_of<U>(y, r);
#pragma unroll
            for (int k = 0; k < unit_depth; k++) {
                if (first + k * share.lanes < units) {
                    U result;
                    result.set(sum[k]);
                    to[first + k * share.lanes] = result;
                }
            }
        }
    }
}

template <typename T>
__device__ __forceinline__ void sum_parts(
    const rows_of<const T>* parts, int count, const int* rows, rows_of<T> y, int end, int units, int shift, bool is_packed) {
    if (is_packed) {
        sum_units<T, pack<T>>(parts, count, rows, y, end, units, shift);
    } else {
        sum_units<T, single<T>>(parts, count, rows, y, end, units, shift);
    }
}

extern "C" __global__ void sum_parts_float32(
    const rows_of<const float>* parts, int count, const int* rows, rows_of<float> y, int end, int units, int shift, bool is_packed) {
    sum_parts<float>(parts, count, rows, y, end, units, shift, is_packed);
}

extern "C" __global__ void sum_parts_bfloat16(
    const rows_of<const bfloat16>* parts, int count, const int* rows, rows_of<bfloat16> y, int end, int units, int shift, bool is_packed) {
    sum_parts<bfloat16>(parts, count, rows, y, end, units, shift, is_packed);
}

// y[r] = sum over parts p in order of parts[p][rows[r * count + p]]: the first present part is copied, the others are added in float32; one rounding. A row
// without a part is zero.
#include "elements.cuh"
#include "row_threads.cuh"
#include "scalars.cuh"

template <typename T>
__device__ __forceinline__ void sum_parts(const rows_of<const T>* parts, int count, const int* rows, rows_of<T> y, int end, int columns, int shift) {
    const row_threads share(shift);
    for (long long r = share.first_row; r < end; r += share.row_step) {
        for (int c = share.lane; c < columns; c += share.lanes) {
            float sum = 0.0f;
            bool is_first = true;
            for (int p = 0; p < count; p++) {
                const int row = rows[r * count + p];
                if (row >= 0) {
                    const float term = load(parts[p].data + row * parts[p].stride + c);
                    sum = is_first ? term : sum + term;
                    is_first = false;
                }
            }

            store(y.data + r * y.stride + c, sum);
        }
    }
}

extern "C" __global__ void sum_parts_float32(
    const rows_of<const float>* parts, int count, const int* rows, rows_of<float> y, int end, int columns, int shift) {
    sum_parts<float>(parts, count, rows, y, end, columns, shift);
}

extern "C" __global__ void sum_parts_bfloat16(
    const rows_of<const bfloat16>* parts, int count, const int* rows, rows_of<bfloat16> y, int end, int columns, int shift) {
    sum_parts<bfloat16>(parts, count, rows, y, end, columns, shift);
}

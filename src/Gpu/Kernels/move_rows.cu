// y[to[i]] = x[from[i]], rows as units of 16, 4, 2 or 1 bytes: the largest that divides them, their strides and addresses. A row number below 0 gives zeros.
// Without `to` rows are written one after the other.
#include "row_threads.cuh"

template <typename Unit>
__device__ __forceinline__ Unit zero() {
    return Unit();
}

template <>
__device__ __forceinline__ uint4 zero<uint4>() {
    uint4 none;
    none.x = none.y = none.z = none.w = 0u;
    return none;
}

template <typename Unit>
__device__ __forceinline__ void move_rows(
    const Unit* x, long long x_stride, const int* from, const int* to, Unit* y, long long y_stride, int rows, int units, int shift) {
    const row_threads share(shift);
    for (long long i = share.first_row; i < rows; i += share.row_step) {
        const int source = from[i];
        const Unit* input = x + source * x_stride;
        Unit* output = y + (to == nullptr ? i : to[i]) * y_stride;
        for (int u = share.lane; u < units; u += share.lanes) {
            output[u] = source < 0 ? zero<Unit>() : input[u];
        }
    }
}

#define MOVE_ROWS(name, unit)                                                                                                              \
    extern "C" __global__ void name(                                                                                                       \
        const unit* x, long long x_stride, const int* from, const int* to, unit* y, long long y_stride, int rows, int units, int shift) { \
        move_rows<unit>(x, x_stride, from, to, y, y_stride, rows, units, shift);                                                           \
    }

MOVE_ROWS(move_rows_16, uint4)
MOVE_ROWS(move_rows_4, unsigned)
MOVE_ROWS(move_rows_2, unsigned short)
MOVE_ROWS(move_rows_1, unsigned char)

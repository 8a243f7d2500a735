// How the threads of a block share rows: 2^shift threads a row, so that short rows fill a block and nobody divides.
#pragma once

struct row_threads {
    long long first_row, row_step;
    int lane, lanes;

    __device__ __forceinline__ explicit row_threads(int shift)
        : first_row((static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) >> shift),
          row_step((static_cast<long long>(gridDim.x) * blockDim.x) >> shift),
          lane(threadIdx.x & ((1 << shift) - 1)),
          lanes(1 << shift) {}
};

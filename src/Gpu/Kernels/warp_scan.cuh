// Sums over the lanes of a warp up to each.
#pragma once

// Every lane calls it, and gets the sum of the lanes before it and of its own.
__device__ __forceinline__ int sum_through(int x) {
#pragma unroll
    for (int distance = 1; distance < 32; distance *= 2) {
        const int before = __shfl_up_sync(0xffffffffu, x, distance);
        x += static_cast<int>(threadIdx.x % 32) >= distance ? before : 0;
    }

    return x;
}

// The sum over a block's threads, in one order whatever the timing: inside each warp by halves, then over warps from the first to the last.
#pragma once

__device__ __forceinline__ float warp_sum(float x) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        x += __shfl_xor_sync(0xffffffffu, x, distance);
    }

    return x;
}

// Every thread of the block calls it, and gets the sum. Threads are a multiple of 32; shared has room for one number a warp.
__device__ __forceinline__ float block_sum(float x, float* shared) {
    const float mine = warp_sum(x);
    const int warps = blockDim.x / 32;
    if (threadIdx.x % 32 == 0) {
        shared[threadIdx.x / 32] = mine;
    }

    __syncthreads();
    float sum = 0.0f;
    for (int warp = 0; warp < warps; warp++) {
        sum += shared[warp];
    }

    // Nobody writes the next sum's numbers before all have read these.
    __syncthreads();
    return sum;
}

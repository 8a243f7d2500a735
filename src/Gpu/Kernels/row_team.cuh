// The threads that have one row in common: a warp, with several rows a block, or a whole block.
#pragma once

#include "block_sum.cuh"

template <bool is_warp>
struct row_team {
    __device__ __forceinline__ int row() const {
        return is_warp ? blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32 : blockIdx.x;
    }

    __device__ __forceinline__ int rank() const { return is_warp ? threadIdx.x % 32 : threadIdx.x; }

    __device__ __forceinline__ int size() const { return is_warp ? 32 : blockDim.x; }

    // All threads of the row call it, and get the sum.
    __device__ __forceinline__ float sum(float x) const {
        if constexpr (is_warp) {
            return warp_sum(x);
        } else {
            __shared__ float warps[32];
            return block_sum(x, warps);
        }
    }
};

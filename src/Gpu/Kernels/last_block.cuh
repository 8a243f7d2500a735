// Work that follows what several blocks write, done by the one that comes last instead of by a kernel of its own.
#pragma once

// Whether a block is the last of so many to come here; then what they have written before is there for all its threads. The counter is 0 before and after. Every
// thread of a block calls it.
__device__ __forceinline__ bool is_last_block(int* counter, int blocks) {
    __shared__ bool is_last;
    __syncthreads();
    if (threadIdx.x == 0) {
        // The fences are the block's: the barriers before and behind order the other threads.
        __threadfence();
        is_last = atomicAdd(counter, 1) == blocks - 1;
        if (is_last) {
            *counter = 0;
        }

        __threadfence();
    }

    __syncthreads();
    return is_last;
}

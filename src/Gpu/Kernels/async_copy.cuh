// Copies from device memory to shared memory that no register holds. What lies beyond an operand is not read: its place becomes zero.
#pragma once

// Where something is in shared memory.
using shared_place = unsigned;

__device__ __forceinline__ shared_place place_of(const void* shared) {
    return static_cast<shared_place>(__cvta_generic_to_shared(shared));
}

// 4 bytes, or zero.
__device__ __forceinline__ void copy_4(shared_place to, const void* from, bool is_there) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(is_there ? 4 : 0) : "memory");
}

// The first so many of 16 bytes, and zeros; both addresses are multiples of 16.
__device__ __forceinline__ void copy_16(shared_place to, const void* from, int bytes) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}

// Ends a batch of this thread's copies.
__device__ __forceinline__ void end_batch() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most so many of this thread's last batches are on their way.
template <int batches>
__device__ __forceinline__ void wait_for_batches() {
    asm volatile("cp.async.wait_group %0;" ::"n"(batches) : "memory");
}

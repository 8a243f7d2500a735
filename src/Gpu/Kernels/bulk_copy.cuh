// Hopper's copies of boxes of a tensor, or of bytes, from device memory to shared memory: one thread begins one, and a barrier tells when its bytes have come.
#pragma once
#include "async_copy.cuh"

// A tensor of up to 3 dimensions as the copies see it, encoded by the driver. Mirrors Actors.Gpu.Driver.TensorMap.
struct alignas(64) tensor_map {
    unsigned long long words[16];
};

// A barrier of 8 bytes; a round of it ends when so many have arrived and all expected bytes have come.
__device__ __forceinline__ void make_barrier(shared_place barrier, int arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

// Barriers that this thread made are seen by copies, and by other threads after the next __syncthreads.
__device__ __forceinline__ void show_barriers() {
    asm volatile("fence.mbarrier_init.release.cluster;\nfence.proxy.async.shared::cta;" ::: "memory");
}

__device__ __forceinline__ void arrive(shared_place barrier) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}

// Arrives, and the round takes so many bytes more.
__device__ __forceinline__ void arrive_expecting(shared_place barrier, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Arrives at the barrier that lies at this place in another block of the cluster, or in the own. The other block need not see what the thread wrote before: that would
// take a fence, which costs a product of E4M3 two fifths of its speed.
__device__ __forceinline__ void arrive_in(int block, shared_place barrier) {
    asm volatile("{\n.reg .b32 there;\nmapa.shared::cluster.u32 there, %0, %1;\nmbarrier.arrive.shared::cluster.b64 _, [there];\n}" ::"r"(barrier),
                 "r"(block)
                 : "memory");
}

// The block within its cluster.
__device__ __forceinline__ int block_of_cluster() {
    int block;
    asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(block));
    return block;
}

// All threads of a cluster's blocks have come here, and see what the others wrote before; whole warps call it.
__device__ __forceinline__ void meet_cluster() {
    asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// Waits for the end of a round; rounds are counted from 0, and their parity tells them apart. The round before the first has ended.
__device__ __forceinline__ void wait_for_round(shared_place barrier, unsigned parity) {
    unsigned has_ended;
    do {
        asm volatile("{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"
                     : "=r"(has_ended)
                     : "r"(barrier), "r"(parity)
                     : "memory");
    } while (has_ended == 0);
}

// Begins to copy the box at (x, y, z), x being within a row. Places beyond the tensor become zero, and their bytes count too.
__device__ __forceinline__ void copy_box(shared_place to, const tensor_map& map, int x, int y, int z, shared_place barrier) {
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];" ::"r"(to), "l"(&map),
                 "r"(barrier), "r"(x), "r"(y), "r"(z)
                 : "memory");
}

// The same to this place of each block of the cluster whose bit is set; the bytes count at the barrier that lies at this place in each of them.
__device__ __forceinline__ void copy_box_to(unsigned short blocks, shared_place to, const tensor_map& map, int x, int y, int z, shared_place barrier) {
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%3, %4, %5}], [%2], %6;" ::"r"(to),
                 "l"(&map), "r"(barrier), "r"(x), "r"(y), "r"(z), "h"(blocks)
                 : "memory");
}

// Begins to copy so many bytes that follow each other: a multiple of 16, as both addresses are.
__device__ __forceinline__ void copy_bytes(shared_place to, const void* from, int bytes, shared_place barrier) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to), "l"(from), "r"(bytes), "r"(barrier)
                 : "memory");
}

__device__ __forceinline__ void prefetch_map(const tensor_map& map) {
    asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

// A group of four warps gives registers of its threads back, so that so many are left; others take them.
template <int registers>
__device__ __forceinline__ void keep_registers() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(registers));
}

template <int registers>
__device__ __forceinline__ void take_registers() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(registers));
}

// All of so many threads, whole warps, have come here. Barrier 0 is that of __syncthreads.
template <int threads>
__device__ __forceinline__ void meet(int barrier) {
    asm volatile("bar.sync %0, %1;" ::"r"(barrier), "n"(threads) : "memory");
}

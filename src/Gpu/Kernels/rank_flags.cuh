// Flags of a group's ranks: in each rank's memory the number of the last exchange for which a peer has written its rows, or its partial sums. Whoever waits reads its
// own memory; whoever writes has released what it wrote before. Mirrors Actors.Gpu.Operations.RankFlags.
#pragma once
#include "rank_rows.cuh"

// Words before the flags: exchanges that the rank has dispatched; whether a wait of any rank has failed; failures of this rank's waits.
constexpr int exchange_word = 0, aborted_word = 1, failed_word = 2, first_flag = 32;

// What a report says. Mirrors Actors.Gpu.Backend.CudaFlags.
constexpr int report_done = 0, report_operation = 1, report_peer = 2, report_block = 3, report_expected = 4, report_got = 5;
constexpr int waits_for_rows = 1, waits_for_sums = 2;

// Flags are read so often between two looks at the clock and at what other ranks have found.
constexpr unsigned polls_between_looks = 64;

struct rank_flags {
    unsigned* rank[most_ranks];
    // In memory of the host.
    unsigned* report;
    unsigned long long limit_nanoseconds;
    // blocks: of a dispatch, the same at all ranks.
    int ranks, me, blocks;

    // A block of a source has written its rows.
    __device__ __forceinline__ unsigned* rows_flag(int owner, int source, int block) const { return rank[owner] + first_flag + source * blocks + block; }

    // A source's partial sums are there.
    __device__ __forceinline__ unsigned* sums_flag(int owner, int source) const { return rank[owner] + first_flag + ranks * blocks + source; }
};

// The store is seen by other devices no sooner than what this thread has stored before, and what others had stored before a barrier with it or in kernels before.
__device__ __forceinline__ void store_release(unsigned* word, unsigned value) {
    asm volatile("st.release.sys.global.u32 [%0], %1;" ::"l"(word), "r"(value) : "memory");
}

__device__ __forceinline__ unsigned load_acquire(const unsigned* word) {
    unsigned value;
    asm volatile("ld.acquire.sys.global.u32 %0, [%1];" : "=r"(value) : "l"(word) : "memory");
    return value;
}

__device__ __forceinline__ unsigned long long nanoseconds() {
    unsigned long long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now)::"memory");
    return now;
}

// Reports the rank's first failure, and ends the waits of all ranks.
__device__ __forceinline__ void give_up(const rank_flags& flags, int operation, int peer, int block, unsigned expected, unsigned got) {
    if (atomicAdd(reinterpret_cast<int*>(flags.rank[flags.me] + failed_word), 1) != 0) {
        return;
    }

    flags.report[report_operation] = operation;
    flags.report[report_peer] = peer;
    flags.report[report_block] = block;
    flags.report[report_expected] = expected;
    flags.report[report_got] = got;
    store_release(flags.report + report_done, 1);
    for (int other = 0; other < flags.ranks; other++) {
        store_release(flags.rank[other] + aborted_word, 1);
    }
}

// Waits until a flag of a peer has come to an exchange; false where it does not within the limit, or where another wait has failed.
__device__ __forceinline__ bool wait_for_flag(const rank_flags& flags, const unsigned* flag, unsigned exchange, int operation, int peer, int block) {
    unsigned long long begin = 0;
    unsigned got = load_acquire(flag);
    // Numbers that have passed 2^32 begin again: a difference says which is later.
    for (unsigned polls = 1; static_cast<int>(got - exchange) < 0; polls++) {
        if (polls % polls_between_looks == 0) {
            if (load_acquire(flags.rank[flags.me] + aborted_word) != 0) {
                return false;
            }

            const unsigned long long now = nanoseconds();
            begin = begin == 0 ? now : begin;
            if (now - begin > flags.limit_nanoseconds) {
                give_up(flags, operation, peer, block, exchange, got);
                return false;
            }
        }

        got = load_acquire(flag);
    }

    return true;
}

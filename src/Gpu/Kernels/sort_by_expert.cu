// Received rows sorted by local expert, rows of one expert in received order: a stable counting sort of slots (received row * choices + choice).
// A warp has a chunk of slots: it counts them, one block adds the counts of all chunks up, and each warp places its slots in order.
#include "elements.cuh"
#include "warp_scan.cuh"

constexpr int warp_size = 32;

struct choices_of {
    const int* experts;
    long long stride;
    row_count received;
    int choices;

    // Slots of live rows.
    __device__ __forceinline__ int slots() const { return received.get() * choices; }

    // The expert of a slot; -1 for none, and beyond the last slot.
    __device__ __forceinline__ int expert(int slot, int end) const {
        if (slot >= end) {
            return -1;
        }

        const int row = slot / choices;
        return experts[row * stride + (slot - row * choices)];
    }
};

// Lanes with the same expert as this one.
__device__ __forceinline__ unsigned same_expert(int expert) { return __match_any_sync(0xffffffffu, expert); }

__device__ __forceinline__ int lanes_before(unsigned lanes) { return __popc(lanes & ((1u << (threadIdx.x % warp_size)) - 1u)); }

// counts[expert * chunks + chunk] = how often the chunk has the expert. A block is a warp, a chunk.
extern "C" __global__ void sort_by_expert_count(choices_of rows, int local, int chunk_slots, int* counts) {
    extern __shared__ int seen[];
    for (int e = threadIdx.x; e < local; e += warp_size) {
        seen[e] = 0;
    }

    __syncwarp();
    const int first = blockIdx.x * chunk_slots;
    const int end = min(first + chunk_slots, rows.slots());
    for (int base = first; base < end; base += warp_size) {
        const int expert = rows.expert(base + threadIdx.x, end);
        const unsigned same = same_expert(expert);
        if (expert >= 0 && lanes_before(same) == 0) {
            seen[expert] += __popc(same);
        }

        __syncwarp();
    }

    for (int e = threadIdx.x; e < local; e += warp_size) {
        counts[e * gridDim.x + blockIdx.x] = seen[e];
    }
}

// Counts become sums over the chunks before; offsets[e] sums of whole experts before, at most the room. needed becomes at least all that is counted. One block; a
// warp has an expert.
extern "C" __global__ void sort_by_expert_scan(int* counts, int chunks, int local, int room, int* offsets, int* needed) {
    extern __shared__ int totals[];
    const int warp = threadIdx.x / warp_size, lane = threadIdx.x % warp_size;
    for (int e = warp; e < local; e += blockDim.x / warp_size) {
        int before = 0;
        for (int base = 0; base < chunks; base += warp_size) {
            const int chunk = base + lane;
            const int count = chunk < chunks ? counts[e * chunks + chunk] : 0;
            const int through = sum_through(count);
            if (chunk < chunks) {
                counts[e * chunks + chunk] = before + through - count;
            }

            before += __shfl_sync(0xffffffffu, through, warp_size - 1);
        }

        if (lane == 0) {
            totals[e] = before;
        }
    }

    __syncthreads();
    if (warp == 0) {
        int before = 0;
        for (int base = 0; base < local; base += warp_size) {
            const int e = base + lane;
            const int total = e < local ? totals[e] : 0;
            const int through = sum_through(total);
            if (e < local) {
                offsets[e] = min(before + through - total, room);
            }

            before += __shfl_sync(0xffffffffu, through, warp_size - 1);
        }

        if (lane == 0) {
            offsets[local] = min(before, room);
            if (needed != nullptr) {
                *needed = max(*needed, before);
            }
        }
    }
}

// The places of a chunk's slots. What has no room is written nowhere.
extern "C" __global__ void sort_by_expert_place(
    choices_of rows, int local, int chunk_slots, const int* before, const int* offsets, int room, int* sources, int* slots, int* row_of_slot) {
    extern __shared__ int next[];
    for (int e = threadIdx.x; e < local; e += warp_size) {
        next[e] = offsets[e] + before[e * gridDim.x + blockIdx.x];
    }

    __syncwarp();
    const int first = blockIdx.x * chunk_slots;
    const int end = min(first + chunk_slots, rows.received.capacity * rows.choices);
    const int live = rows.slots();
    for (int base = first; base < end; base += warp_size) {
        const int slot = base + threadIdx.x;
        const int expert = rows.expert(slot, min(end, live));
        const unsigned same = same_expert(expert);
        const int place = expert < 0 ? -1 : next[expert] + lanes_before(same);
        __syncwarp();
        if (expert >= 0 && lanes_before(same) == 0) {
            next[expert] += __popc(same);
        }

        __syncwarp();
        if (slot < end) {
            row_of_slot[slot] = place < room ? place : -1;
            if (place >= 0 && place < room) {
                sources[place] = slot / rows.choices;
                slots[place] = slot;
            }
        }
    }
}

// Each received row's sorted rows in ascending order, then -1; and -1 in what is left of the room for sorted rows. A thread has a slot.
extern "C" __global__ void sort_by_expert_sums(
    int slot_count, int choices, const int* offsets, int local, int room, const int* row_of_slot, int* sum_rows, int* sum_slots, int* sources, int* slots) {
    const int step = gridDim.x * blockDim.x;
    const int thread = blockIdx.x * blockDim.x + threadIdx.x;
    for (int slot = thread; slot < slot_count; slot += step) {
        const int first = slot - slot % choices;
        const int mine = row_of_slot[slot];
        int rank = 0;
        for (int k = first; k < first + choices; k++) {
            const int other = row_of_slot[k];
            rank += mine >= 0 ? other >= 0 && other < mine : other >= 0 || k < slot;
        }

        sum_rows[first + rank] = mine;
        sum_slots[first + rank] = mine >= 0 ? slot : -1;
    }

    for (int place = offsets[local] + thread; place < room; place += step) {
        sources[place] = -1;
        slots[place] = -1;
    }
}

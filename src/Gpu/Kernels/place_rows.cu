// Where the tokens of a rank go: numbers of those that go to each rank, in token order, and from the counts of all ranks the rows of their windows.
#include "scalars.cuh"
#include "warp_scan.cuh"

constexpr int warp_size = 32, most_ranks = 64;

// A block has a rank, a thread a token at a time; blocks of 1024 threads, so that a warp has a place for each warp.
extern "C" __global__ void count_destinations(
    const int* experts, long long stride, int tokens, int choices, int experts_per_rank, int* places, long long places_stride, int* counts) {
    __shared__ int of_warps[warp_size];
    const int warp = threadIdx.x / warp_size, lane = threadIdx.x % warp_size;
    const int first_expert = blockIdx.x * experts_per_rank;
    int before = 0;
    for (int base = 0; base < tokens; base += blockDim.x) {
        const int token = base + threadIdx.x;
        bool goes = false;
        for (int k = 0; token < tokens && k < choices; k++) {
            // Of other ranks, and -1: outside.
            goes |= static_cast<unsigned>(experts[token * stride + k] - first_expert) < static_cast<unsigned>(experts_per_rank);
        }

        const unsigned going = __ballot_sync(all_lanes, goes);
        if (lane == 0) {
            of_warps[warp] = __popc(going);
        }

        __syncthreads();
        const int count = of_warps[lane];
        const int through = sum_through(count);
        const int earlier = __shfl_sync(all_lanes, through - count, warp);
        if (token < tokens) {
            places[token * places_stride + blockIdx.x] = goes ? before + earlier + __popc(going & ((1u << lane) - 1u)) : -1;
        }

        before += __shfl_sync(all_lanes, through, warp_size - 1);
        __syncthreads();
    }

    if (threadIdx.x == 0) {
        counts[blockIdx.x] = before;
    }
}

// counts[s, r]: rows from rank s to rank r. A thread has a token at a time. tally: most rows of the own window, most nodes of a token, rows sent inside the
// node, and beyond it, nodes of all tokens.
extern "C" __global__ void place_rows(
    const int* counts, long long stride, int ranks, int rank, int ranks_per_node, int capacity, int* places, long long places_stride, int tokens, int* received,
    int* tally) {
    __shared__ int first[most_ranks];
    if (static_cast<int>(threadIdx.x) < ranks) {
        int rows = 0;
        for (int source = 0; source < rank; source++) {
            rows += counts[source * stride + threadIdx.x];
        }

        first[threadIdx.x] = rows;
    }

    if (blockIdx.x == 0 && threadIdx.x == 0) {
        int total = 0, inside = 0, beyond = 0;
        for (int other = 0; other < ranks; other++) {
            const int sent = counts[rank * stride + other];
            total += counts[other * stride + rank];
            (other / ranks_per_node == rank / ranks_per_node ? inside : beyond) += sent;
        }

        *received = min(total, capacity);
        tally[0] = max(tally[0], total);
        tally[2] += inside;
        tally[3] += beyond;
    }

    __syncthreads();
    int most = 0, all = 0;
    for (int token = blockIdx.x * blockDim.x + threadIdx.x; token < tokens; token += gridDim.x * blockDim.x) {
        int nodes = 0, last = -1;
        for (int to = 0; to < ranks; to++) {
            int* place = places + token * places_stride + to;
            const int number = *place;
            if (number >= 0) {
                const int node = to / ranks_per_node;
                nodes += node != last;
                last = node;
                *place = number < capacity - first[to] ? first[to] + number : -1;
            }
        }

        most = max(most, nodes);
        all += nodes;
    }

    most = __reduce_max_sync(all_lanes, most);
    all = __shfl_sync(all_lanes, sum_through(all), warp_size - 1);
    if (threadIdx.x % warp_size == 0 && most > 0) {
        atomicMax(tally + 1, most);
        atomicAdd(tally + 4, all);
    }
}

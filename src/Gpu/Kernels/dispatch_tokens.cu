// Rows of few tokens to the windows of the ranks that hold their experts, choices to all windows, and a wait until all ranks have done so: one kernel a rank, behind
// which all rows are in its window. Token t of rank s has row s * most_tokens + t. Strides of rows are bytes.
//
// A block writes its tokens and raises its flag at every rank; the first block then waits for the flags of all blocks of all ranks, while the others end. So a rank
// that waits keeps one block of its device, and none of its own blocks from running.
#include "byte_units.cuh"
#include "rank_flags.cuh"
#include "row_threads.cuh"
#include "units.cuh"

constexpr int warp_size = 32;

struct token_rows {
    rows_of<const char> x;
    rows_of<const int> experts;
    rows_of<const float> weights;
    long long row_bytes;
    int tokens, most_tokens, choices, experts_per_rank, ranks_per_node, unit;
};

// The ranks that hold experts of a token, a bit each. All threads of a warp ask for the same token.
__device__ __forceinline__ unsigned long long ranks_of(const token_rows& rows, int t) {
    unsigned low = 0, high = 0;
    for (int k = threadIdx.x % warp_size; k < rows.choices; k += warp_size) {
        const int expert = rows.experts.data[t * rows.experts.stride + k];
        const int rank = expert < 0 ? most_ranks : expert / rows.experts_per_rank;
        low |= rank < warp_size ? 1u << rank : 0u;
        high |= rank >= warp_size && rank < most_ranks ? 1u << (rank - warp_size) : 0u;
    }

    return static_cast<unsigned long long>(__reduce_or_sync(all_lanes, high)) << warp_size | __reduce_or_sync(all_lanes, low);
}

template <int bytes>
__device__ __forceinline__ void push_row(const token_rows& rows, const rank_rows<char>& windows, int t, long long place, unsigned long long ranks) {
    using U = unit_of_bytes<bytes>;
    const U* input = reinterpret_cast<const U*>(rows.x.data + t * rows.x.stride);
    U unit[unit_depth];
    for_each_unit_of_row(
        threadIdx.x, static_cast<int>(rows.row_bytes / bytes), blockDim.x, [&](int u, int k) { unit[k] = load_unit(input + u); },
        [&](int u, int k) {
            for (unsigned long long left = ranks; left != 0; left &= left - 1) {
                const rows_of<char>& window = windows.rank[__ffsll(static_cast<long long>(left)) - 1];
                store_unit(reinterpret_cast<U*>(window.data + place * window.stride) + u, unit[k]);
            }
        });
}

__device__ __forceinline__ void push_row(const token_rows& rows, const rank_rows<char>& windows, int t, long long place, unsigned long long ranks) {
    switch (rows.unit) {
    case 16: push_row<16>(rows, windows, t, place, ranks); break;
    case 8: push_row<8>(rows, windows, t, place, ranks); break;
    case 4: push_row<4>(rows, windows, t, place, ranks); break;
    case 2: push_row<2>(rows, windows, t, place, ranks); break;
    default: push_row<1>(rows, windows, t, place, ranks); break;
    }
}

// Adds a token to the tally: most nodes of a token, rows inside the node, rows beyond it.
__device__ __forceinline__ void count_rows(unsigned long long ranks, int me, int ranks_per_node, int* tally) {
    int nodes = 0, inside = 0, last = -1;
    for (unsigned long long left = ranks; left != 0; left &= left - 1) {
        const int node = (__ffsll(static_cast<long long>(left)) - 1) / ranks_per_node;
        nodes += node != last;
        inside += node == me / ranks_per_node;
        last = node;
    }

    atomicMax(tally, nodes);
    atomicAdd(tally + 1, inside);
    atomicAdd(tally + 2, __popcll(ranks) - inside);
}

extern "C" __global__ void dispatch_tokens(
    const __grid_constant__ rank_flags flags, token_rows rows, const __grid_constant__ rank_rows<char> windows, const __grid_constant__ rank_rows<int> window_experts,
    const __grid_constant__ rank_rows<float> window_weights, int* places, long long places_stride, int* tally) {
    // The first block counts it when all blocks have raised their flags, and so have read it.
    const unsigned exchange = flags.rank[flags.me][exchange_word] + 1;
    for (int t = blockIdx.x; t < rows.most_tokens; t += gridDim.x) {
        const long long place = static_cast<long long>(flags.me) * rows.most_tokens + t;
        const bool is_there = t < rows.tokens;
        const unsigned long long ranks = is_there ? ranks_of(rows, t) : 0;
        if (ranks != 0) {
            push_row(rows, windows, t, place, ranks);
            if (threadIdx.x == 0) {
                count_rows(ranks, flags.me, rows.ranks_per_node, tally);
            }
        }

        for (int i = threadIdx.x; i < flags.ranks * rows.choices; i += blockDim.x) {
            const int to = i / rows.choices, k = i - to * rows.choices;
            const int expert = is_there ? rows.experts.data[t * rows.experts.stride + k] - to * rows.experts_per_rank : -1;
            const bool is_here = static_cast<unsigned>(expert) < static_cast<unsigned>(rows.experts_per_rank);
            window_experts.rank[to].data[place * window_experts.rank[to].stride + k] = is_here ? expert : -1;
            window_weights.rank[to].data[place * window_weights.rank[to].stride + k] = is_here ? rows.weights.data[t * rows.weights.stride + k] : 0.0f;
        }

        for (int to = threadIdx.x; is_there && to < flags.ranks; to += blockDim.x) {
            places[t * places_stride + to] = ranks >> to & 1 ? static_cast<int>(place) : -1;
        }
    }

    // All of the block's stores come before its flags: the barrier orders the other threads' before this one's release.
    __syncthreads();
    for (int to = threadIdx.x; to < flags.ranks; to += blockDim.x) {
        store_release(flags.rows_flag(to, flags.me, blockIdx.x), exchange);
    }

    if (blockIdx.x != 0) {
        return;
    }

    bool came = true;
    for (int i = threadIdx.x; came && i < flags.ranks * flags.blocks; i += blockDim.x) {
        const int source = i / flags.blocks, block = i - source * flags.blocks;
        came = wait_for_flag(flags, flags.rows_flag(flags.me, source, block), exchange, waits_for_rows, source, block);
    }

    if (__syncthreads_count(!came) > 0) {
        // What follows may read choices that nobody has written: these name no expert.
        const int own = flags.me;
        for (int i = threadIdx.x; i < flags.ranks * rows.most_tokens * rows.choices; i += blockDim.x) {
            const int row = i / rows.choices;
            window_experts.rank[own].data[row * window_experts.rank[own].stride + (i - row * rows.choices)] = -1;
        }
    }

    if (threadIdx.x == 0) {
        flags.rank[flags.me][exchange_word] = exchange;
    }
}

// Sums of few tokens' rows over ranks: collect_rows.cuh behind a wait until the partial sums of all ranks are there. What the rank's experts wrote lies in kernels
// before, so its flags are raised first. Every block waits; its peers need its first block alone, which is placed first.
#include "collect_rows.cuh"
#include "rank_flags.cuh"

// Raises the rank's flags and waits for those of all ranks; false where a wait has failed. Blocks have a thread a rank at least.
__device__ __forceinline__ bool sums_are_there(const rank_flags& flags) {
    const unsigned exchange = flags.rank[flags.me][exchange_word];
    const int peer = static_cast<int>(threadIdx.x);
    bool came = true;
    if (peer < flags.ranks) {
        if (blockIdx.x == 0) {
            store_release(flags.sums_flag(peer, flags.me), exchange);
        }

        came = wait_for_flag(flags, flags.sums_flag(flags.me, peer), exchange, waits_for_sums, peer, 0);
    }

    return __syncthreads_count(!came) == 0;
}

extern "C" __global__ void combine_tokens_float32(
    const __grid_constant__ rank_flags flags, const __grid_constant__ rank_rows<const float> partials, const int* places, long long places_stride, int ranks_per_node,
    rows_of<float> y, int tokens, int columns, int shift, bool is_packed) {
    if (sums_are_there(flags)) {
        collect_sums<float, false>(partials, places, places_stride, flags.ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
    }
}

extern "C" __global__ void combine_tokens_bfloat16(
    const __grid_constant__ rank_flags flags, const __grid_constant__ rank_rows<const bfloat16> partials, const int* places, long long places_stride, int ranks_per_node,
    rows_of<bfloat16> y, int tokens, int columns, int shift, bool is_packed) {
    if (sums_are_there(flags)) {
        collect_sums<bfloat16, false>(partials, places, places_stride, flags.ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
    }
}

extern "C" __global__ void combine_tokens_of_few_float32(
    const __grid_constant__ rank_flags flags, const __grid_constant__ rank_rows<const float> partials, const int* places, long long places_stride, int ranks_per_node,
    rows_of<float> y, int tokens, int columns, int shift, bool is_packed) {
    if (sums_are_there(flags)) {
        collect_sums<float, true>(partials, places, places_stride, flags.ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
    }
}

extern "C" __global__ void combine_tokens_of_few_bfloat16(
    const __grid_constant__ rank_flags flags, const __grid_constant__ rank_rows<const bfloat16> partials, const int* places, long long places_stride, int ranks_per_node,
    rows_of<bfloat16> y, int tokens, int columns, int shift, bool is_packed) {
    if (sums_are_there(flags)) {
        collect_sums<bfloat16, true>(partials, places, places_stride, flags.ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
    }
}

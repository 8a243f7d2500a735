// Sums of tokens' rows over ranks, and weight gradients, from the windows of all ranks.
#include "collect_rows.cuh"

extern "C" __global__ void collect_sums_float32(
    const __grid_constant__ rank_rows<const float> windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<float> y, int tokens, int columns,
    int shift, bool is_packed) {
    collect_sums<float, false>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
}

extern "C" __global__ void collect_sums_bfloat16(
    const __grid_constant__ rank_rows<const bfloat16> windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<bfloat16> y, int tokens, int columns,
    int shift, bool is_packed) {
    collect_sums<bfloat16, false>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
}

extern "C" __global__ void collect_sums_of_few_float32(
    const __grid_constant__ rank_rows<const float> windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<float> y, int tokens, int columns,
    int shift, bool is_packed) {
    collect_sums<float, true>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
}

extern "C" __global__ void collect_sums_of_few_bfloat16(
    const __grid_constant__ rank_rows<const bfloat16> windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<bfloat16> y, int tokens, int columns,
    int shift, bool is_packed) {
    collect_sums<bfloat16, true>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift, is_packed);
}

// The weight gradient of each choice, from the rank that holds its expert; 0 where there is none. A thread has a choice.
extern "C" __global__ void collect_weight_gradients(
    const rank_rows<const float> windows, rows_of<const int> experts, int choices, int experts_per_rank, const int* places, long long places_stride, int tokens,
    rows_of<float> gradients) {
    const long long end = static_cast<long long>(tokens) * choices, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < end; i += step) {
        const long long t = i / choices;
        const int k = static_cast<int>(i - t * choices);
        const int expert = experts.data[t * experts.stride + k];
        const int r = expert < 0 ? 0 : expert / experts_per_rank;
        const long long place = expert < 0 ? -1 : places[t * places_stride + r];
        gradients.data[t * gradients.stride + k] = place < 0 ? 0.0f : 0.0f + windows.rank[r].data[place * windows.rank[r].stride + k];
    }
}

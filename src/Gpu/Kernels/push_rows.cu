// windows[r][places[t, r]] = x[t], where a place is 0 or more: a row is read once for eight ranks, by the largest unit of bytes that divides addresses, strides and the row.
// Strides of rows are bytes.
#include "byte_units.cuh"
#include "rank_rows.cuh"
#include "row_threads.cuh"
#include "units.cuh"

// Ranks whose places of a token are read at once.
constexpr int place_batch = 8;

struct row_pushes {
    rows_of<const char> x;
    const int* places;
    long long places_stride, row_bytes;
    int tokens, ranks, shift;
};

template <int bytes>
__device__ __forceinline__ void push_units(const row_pushes& pushes, const rank_rows<char>& windows) {
    using U = unit_of_bytes<bytes>;
    const row_threads share(pushes.shift);
    const int units = static_cast<int>(pushes.row_bytes / bytes);
    for (long long t = share.first_row; t < pushes.tokens; t += share.row_step) {
        const U* input = reinterpret_cast<const U*>(pushes.x.data + t * pushes.x.stride);
        const int* places = pushes.places + t * pushes.places_stride;
        for (int first = 0; first < pushes.ranks; first += place_batch) {
            int place[place_batch];
            bool goes = false;
#pragma unroll
            for (int i = 0; i < place_batch; i++) {
                place[i] = first + i < pushes.ranks ? places[first + i] : -1;
                goes |= place[i] >= 0;
            }

            if (!goes) {
                continue;
            }

            U unit[unit_depth];
            for_each_unit_of_row(share.lane, units, share.lanes, [&](int u, int k) { unit[k] = load_unit(input + u); }, [&](int u, int k) {
#pragma unroll
                for (int i = 0; i < place_batch; i++) {
                    if (place[i] >= 0) {
                        store_unit(reinterpret_cast<U*>(windows.rank[first + i].data + place[i] * windows.rank[first + i].stride) + u, unit[k]);
                    }
                }
            });
        }
    }
}

extern "C" __global__ void push_rows(
    rows_of<const char> x, const int* places, long long places_stride, const __grid_constant__ rank_rows<char> windows, int ranks, int tokens, long long row_bytes, int unit,
    int shift) {
    const row_pushes pushes = {x, places, places_stride, row_bytes, tokens, ranks, shift};
    switch (unit) {
    case 16: push_units<16>(pushes, windows); break;
    case 8: push_units<8>(pushes, windows); break;
    case 4: push_units<4>(pushes, windows); break;
    case 2: push_units<2>(pushes, windows); break;
    default: push_units<1>(pushes, windows); break;
    }
}

// Local experts and weights of tokens' choices; -1 and 0 for another rank's. A thread has a token and a rank.
extern "C" __global__ void push_choices(
    rows_of<const int> experts, rows_of<const float> weights, int choices, int experts_per_rank, const int* places, long long places_stride,
    const rank_rows<int> window_experts, const rank_rows<float> window_weights, int ranks, int tokens) {
    const long long end = static_cast<long long>(tokens) * ranks, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < end; i += step) {
        const long long t = i / ranks;
        const int r = static_cast<int>(i - t * ranks);
        const long long place = places[t * places_stride + r];
        if (place < 0) {
            continue;
        }

        int* local = window_experts.rank[r].data + place * window_experts.rank[r].stride;
        float* factors = window_weights.rank[r].data + place * window_weights.rank[r].stride;
        for (int k = 0; k < choices; k++) {
            const int expert = experts.data[t * experts.stride + k] - r * experts_per_rank;
            const bool is_here = static_cast<unsigned>(expert) < static_cast<unsigned>(experts_per_rank);
            local[k] = is_here ? expert : -1;
            factors[k] = is_here ? weights.data[t * weights.stride + k] : 0.0f;
        }
    }
}

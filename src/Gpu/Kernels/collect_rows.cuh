// y[t] = the sum of windows[r][places[t, r]] over ranks: those of a node in rank order, then nodes in order, in float32 from the first term on, rounded once. A
// token without a place is zero.
#pragma once
#include "rank_rows.cuh"
#include "row_threads.cuh"
#include "units.cuh"

// Terms of a sum that are read at once; ranks that are few. Mirrors Actors.Gpu.Operations.ExchangeKernels.FewRanks.
constexpr int term_batch = 8, few_ranks = 4;

template <int size>
struct running_sum {
    float sum[size] = {};
    bool is_begun = false;

    __device__ __forceinline__ void add(const float (&term)[size]) {
#pragma unroll
        for (int i = 0; i < size; i++) {
            sum[i] = is_begun ? sum[i] + term[i] : term[i];
        }

        is_begun = true;
    }
};

// A sum over ranks, term by term in rank order: those of a node first, which then go to the total.
template <int size>
struct sum_of_nodes {
    running_sum<size> total, node;
    int ranks_per_node, left;

    __device__ __forceinline__ explicit sum_of_nodes(int ranks_per_node) : ranks_per_node(ranks_per_node), left(ranks_per_node) {}

    template <typename U>
    __device__ __forceinline__ void add(bool is_there, const U& term) {
        if (is_there) {
            float numbers[size];
            term.get(numbers);
            node.add(numbers);
        }

        if (--left == 0) {
            if (node.is_begun) {
                total.add(node.sum);
            }

            node.is_begun = false;
            left = ranks_per_node;
        }
    }
};

template <typename T, typename U>
__device__ __forceinline__ void collect_units(
    const rank_rows<const T>& windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<T> y, int tokens, int columns, int shift) {
    const row_threads share(shift);
    const int units = columns / U::size;
    for (long long t = share.first_row; t < tokens; t += share.row_step) {
        const int* of_ranks = places + t * places_stride;
        for (int u = share.lane; u < units; u += share.lanes) {
            sum_of_nodes<U::size> sum(ranks_per_node);
            for (int first = 0; first < ranks; first += term_batch) {
                int place[term_batch];
                U term[term_batch];
#pragma unroll
                for (int i = 0; i < term_batch; i++) {
                    place[i] = first + i < ranks ? of_ranks[first + i] : -1;
                }

#pragma unroll
                for (int i = 0; i < term_batch; i++) {
                    if (place[i] >= 0) {
                        term[i] = units_of<U>(windows.rank[first + i], place[i])[u];
                    }
                }

#pragma unroll
                for (int i = 0; i < term_batch; i++) {
                    sum.add(place[i] >= 0, term[i]);
                }
            }

            U result;
            result.set(sum.total.sum);
            units_of<U>(y, t)[u] = result;
        }
    }
}

// The same for as few ranks: a token's places are read once, and few registers leave room for more threads, whose loads from other GPUs lie beside each other.
template <typename T, typename U>
__device__ __forceinline__ void collect_units_of_few(
    const rank_rows<const T>& windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<T> y, int tokens, int columns, int shift) {
    const row_threads share(shift);
    const int units = columns / U::size;
    for (long long t = share.first_row; t < tokens; t += share.row_step) {
        const U* from[few_ranks];
#pragma unroll
        for (int r = 0; r < few_ranks; r++) {
            const int place = r < ranks ? places[t * places_stride + r] : -1;
            from[r] = place >= 0 ? units_of<U>(windows.rank[r], place) : nullptr;
        }

        for (int u = share.lane; u < units; u += share.lanes) {
            U term[few_ranks];
#pragma unroll
            for (int r = 0; r < few_ranks; r++) {
                if (from[r] != nullptr) {
                    term[r] = from[r][u];
                }
            }

            sum_of_nodes<U::size> sum(ranks_per_node);
#pragma unroll
            for (int r = 0; r < few_ranks; r++) {
                sum.add(from[r] != nullptr, term[r]);
            }

            U result;
            result.set(sum.total.sum);
            units_of<U>(y, t)[u] = result;
        }
    }
}

template <typename T, typename U>
__device__ __forceinline__ void collect(
    const rank_rows<const T>& windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<T> y, int tokens, int columns, int shift, bool is_few) {
    if (is_few) {
        collect_units_of_few<T, U>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift);
    } else {
        collect_units<T, U>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift);
    }
}

template <typename T, bool is_few>
__device__ __forceinline__ void collect_sums(
    const rank_rows<const T>& windows, const int* places, long long places_stride, int ranks, int ranks_per_node, rows_of<T> y, int tokens, int columns, int shift,
    bool is_packed) {
    if (is_packed) {
        collect<T, pack<T>>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift, is_few);
    } else {
        collect<T, single<T>>(windows, places, places_stride, ranks, ranks_per_node, y, tokens, columns, shift, is_few);
    }
}

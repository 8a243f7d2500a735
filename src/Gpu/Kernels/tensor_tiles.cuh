// Tiles of attention in shared memory and their products by tensor cores. A warp has 16 rows of a product, or several times 16, and all of its columns:
// what a product gives is what the next takes as its left operand, without leaving the registers.
#pragma once
#include "sequence_tiles.cuh"
#include "tensor_core.cuh"

// Elements from row to row: 16 bytes more than there are, so that the eight rows of a matrix are in different banks.
template <int columns>
constexpr int pitch = columns + 8;

template <int rows, int columns>
constexpr int tile_bytes = rows * pitch<columns> * static_cast<int>(sizeof(bfloat16));

// Starts the copy of rows; those from `live` on become zero. source(row, c) is where eight elements from column c on are, at a multiple of 16 bytes.
template <int rows, int columns, int threads, typename Source>
__device__ __forceinline__ void copy_rows(shared_place to, int live, Source source) {
    constexpr int parts = columns / 8, all = rows * parts;
#pragma unroll
    for (int from = 0; from < all; from += threads) {
        const int i = from + threadIdx.x, row = i / parts, c = i % parts * 8;
        if (all % threads == 0 || i < all) {
            const bool is_live = row < live;
            copy_16(to + (row * pitch<columns> + c) * sizeof(bfloat16), source(is_live ? row : 0, c), is_live ? 16 : 0);
        }
    }
}

// Step k's left operand of 16 rows.
template <int columns>
__device__ __forceinline__ void load_left(unsigned (&left)[4], shared_place rows, int k) {
    const int lane = threadIdx.x % 32;
    load_matrices<false>(left, rows + (lane % 16 * pitch<columns> + lane / 16 * 8 + 16 * k) * sizeof(bfloat16));
}

// sums += left * rows^T: columns of the result are rows of the tile. left(k, strip) is step k's left operand of a strip of 16 rows.
template <int columns, int strips, int count, typename Left>
__device__ __forceinline__ void multiply_rows(float (&sums)[strips][count][4], shared_place rows, Left left) {
    const int lane = threadIdx.x % 32;
    const shared_place mine = rows + ((lane / 16 * 8 + lane % 8) * pitch<columns> + lane / 8 % 2 * 8) * sizeof(bfloat16);
#pragma unroll
    for (int k = 0; k < columns / 16; k++) {
        unsigned a[strips][4];
#pragma unroll
        for (int strip = 0; strip < strips; strip++) {
            left(k, strip, a[strip]);
        }

#pragma unroll
        for (int n = 0; n < count; n += 2) {
            unsigned b[4];
            load_matrices<false>(b, mine + (8 * n * pitch<columns> + 16 * k) * sizeof(bfloat16));
#pragma unroll
            for (int strip = 0; strip < strips; strip++) {
                multiply_add(sums[strip][n], a[strip], b[0], b[1]);
                multiply_add(sums[strip][n + 1], a[strip], b[2], b[3]);
            }
        }
    }
}

// sums += left * rows: columns of the result are columns of the tile. left[strip] are sums of an earlier product, 8 of its columns each.
template <int columns, int strips, int depth, int count>
__device__ __forceinline__ void multiply_columns(float (&sums)[strips][count][4], shared_place rows, const float (&left)[strips][depth][4]) {
    const int lane = threadIdx.x % 32;
    const shared_place mine = rows + (lane % 16 * pitch<columns> + lane / 16 * 8) * sizeof(bfloat16);
#pragma unroll
    for (int k = 0; k < depth / 2; k++) {
        unsigned a[strips][4];
#pragma unroll
        for (int strip = 0; strip < strips; strip++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                a[strip][i] = pair_of(left[strip][2 * k + i / 2][i % 2 * 2], left[strip][2 * k + i / 2][i % 2 * 2 + 1]);
            }
        }

#pragma unroll
        for (int n = 0; n < count; n += 2) {
            unsigned b[4];
            load_matrices<true>(b, mine + (16 * k * pitch<columns> + 8 * n) * sizeof(bfloat16));
#pragma unroll
            for (int strip = 0; strip < strips; strip++) {
                multiply_add(sums[strip][n], a[strip], b[0], b[1]);
                multiply_add(sums[strip][n + 1], a[strip], b[2], b[3]);
            }
        }
    }
}

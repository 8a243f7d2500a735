// Products of tiles of 32 x 32 for heads of any size, in float32. A block has 16 x 16 threads; thread (x, y) has rows y, y + 16 and columns x, x + 16.
#pragma once
#include "sequence_tiles.cuh"

constexpr int tile_size = 32, half_tile = 16, tile_threads = 256, output_columns = 64;

struct tile_memory {
    float left[tile_size][tile_size + 1], right[tile_size][tile_size + 1];
    float factors[tile_size][tile_size + 1], rows[tile_size][output_columns + 1];
};

// sums[i][j] = the sum over d < depth of left(row, d) * right(column, d).
template <typename Left, typename Right>
__device__ __forceinline__ void tile_product(tile_memory& memory, int depth, float (&sums)[2][2], Left left, Right right) {
    const int x = threadIdx.x % half_tile, y = threadIdx.x / half_tile;
    sums[0][0] = sums[0][1] = sums[1][0] = sums[1][1] = 0.0f;
    for (int from = 0; from < depth; from += tile_size) {
        for (int i = threadIdx.x; i < tile_size * tile_size; i += tile_threads) {
            const int row = i / tile_size, d = i % tile_size;
            memory.left[row][d] = from + d < depth ? left(row, from + d) : 0.0f;
            memory.right[row][d] = from + d < depth ? right(row, from + d) : 0.0f;
        }

        __syncthreads();
#pragma unroll 8
        for (int d = 0; d < tile_size; d++) {
            const float a = memory.left[y][d], b = memory.left[y + half_tile][d];
            const float c = memory.right[x][d], e = memory.right[x + half_tile][d];
            sums[0][0] = fmaf(a, c, sums[0][0]);
            sums[0][1] = fmaf(a, e, sums[0][1]);
            sums[1][0] = fmaf(b, c, sums[1][0]);
            sums[1][1] = fmaf(b, e, sums[1][1]);
        }

        __syncthreads();
    }
}

// Columns from, from + 1, ... of 32 rows: columns x, x + 16, x + 32, x + 48 are a thread's.
template <typename Rows>
__device__ __forceinline__ void load_rows(tile_memory& memory, int columns, Rows rows) {
    for (int i = threadIdx.x; i < tile_size * output_columns; i += tile_threads) {
        const int row = i / output_columns, c = i % output_columns;
        memory.rows[row][c] = c < columns ? rows(row, c) : 0.0f;
    }
}

// sums[i][c] += the sum over k of factors[row][k] * rows[k][column], or with the factors' transpose.
template <bool transposed>
__device__ __forceinline__ void add_product(const tile_memory& memory, float (&sums)[2][4]) {
    const int x = threadIdx.x % half_tile, y = threadIdx.x / half_tile;
#pragma unroll 8
    for (int k = 0; k < tile_size; k++) {
        const float a = transposed ? memory.factors[k][y] : memory.factors[y][k];
        const float b = transposed ? memory.factors[k][y + half_tile] : memory.factors[y + half_tile][k];
#pragma unroll
        for (int c = 0; c < 4; c++) {
            const float value = memory.rows[k][x + half_tile * c];
            sums[0][c] = fmaf(a, value, sums[0][c]);
            sums[1][c] = fmaf(b, value, sums[1][c]);
        }
    }
}

// What decoding does with a token's projections before attention: rotates its queries and its key, norms its latent, and writes latent and key to their row of
// the cache. A block a row.
#pragma once
#include "block_sum.cuh"
#include "scalars.cuh"

constexpr int append_threads = 256;

// Mirrors Actors.Gpu.Operations.AppendKernels.
struct appended_rows {
    rows_of<bfloat16> query;          // (rows, heads * head_columns): the last 2 * pairs of each head are rotated, in place
    rows_of<const bfloat16> latent;   // (rows, latent_columns)
    rows_of<bfloat16> key;            // (rows, 2 * pairs), rotated in place
    const float* norm;                // (latent_columns)
    rows_of<bfloat16> normed;         // (rows, latent_columns)
    rows_of<bfloat16> cache;          // (any, latent_columns + 2 * pairs)
    const int *positions, *places;    // (rows); a place of -1 has no row in the cache
    rows_of<const float> cos, sin;    // (positions, pairs)
    float epsilon;
    int heads, head_columns, pairs, latent_columns;
};

// Rotates two neighbours, which begin at a multiple of 4 bytes; rounded in one way wherever it is compiled.
__device__ __forceinline__ void store_rotated(bfloat16* elements, float even, float odd, float cosine, float sine) {
    store_pair(elements, fmaf(even, cosine, -(odd * sine)), fmaf(odd, cosine, even * sine));
}

// Rotates a row's key, norms its latent, and writes both to the cache.
__device__ __forceinline__ void append_row(const appended_rows& rows, long long r) {
    __shared__ float append_sums[append_threads / 32];
    const long long position = rows.positions[r], place = rows.places[r];
    const float *cos = rows.cos.data + position * rows.cos.stride, *sin = rows.sin.data + position * rows.sin.stride;
    bfloat16* const cached = rows.cache.data + (place < 0 ? 0 : place) * rows.cache.stride;
    for (int pair = threadIdx.x; pair < rows.pairs; pair += append_threads) {
        bfloat16* const key = rows.key.data + r * rows.key.stride + 2 * pair;
        store_rotated(key, load(key), load(key + 1), cos[pair], sin[pair]);
        if (place >= 0) {
            cached[rows.latent_columns + 2 * pair] = key[0];
            cached[rows.latent_columns + 2 * pair + 1] = key[1];
        }
    }

    const bfloat16* latent = rows.latent.data + r * rows.latent.stride;
    float squares = 0.0f;
    for (int c = threadIdx.x; c < rows.latent_columns; c += append_threads) {
        const float x = load(latent + c);
        squares += x * x;
    }

    const float square = block_sum(squares, append_sums) / rows.latent_columns + rows.epsilon;
    const float inverse = isinf(square) ? not_a_number() : 1.0f / sqrtf(square);
    for (int c = threadIdx.x; c < rows.latent_columns; c += append_threads) {
        bfloat16* const normed = rows.normed.data + r * rows.normed.stride + c;
        store(normed, load(latent + c) * (inverse * rows.norm[c]));
        if (place >= 0) {
            cached[c] = *normed;
        }
    }
}

// A part of attention over the compressed cache for rows of bfloat16 that are whole packs, of any sizes that fit: a block has a part of a head, whose rows it
// brings to shared memory 32 at a time.
#pragma once
#include "async_copy.cuh"
#include "latent_parts.cuh"

constexpr int part_threads = 256, tile_rows = 32, row_lanes = part_threads / tile_rows, most_columns = 4;

// Probabilities of a tile's rows, one a lane: each warp has all of them. What was summed before counts by the factor.
struct tile_weights {
    float own, factor;
};

struct running_softmax {
    float largest = -infinity(), sum = 0.0f;

    __device__ __forceinline__ tile_weights take(float score) {
        float next = score;
#pragma unroll
        for (int distance = 16; distance > 0; distance /= 2) {
            next = fmaxf(next, __shfl_xor_sync(all_lanes, next, distance));
        }

        next = fmaxf(largest, next);
        const tile_weights weights = {expf(score - next), expf(largest - next)};
        float all = weights.own;
#pragma unroll
        for (int distance = 16; distance > 0; distance /= 2) {
            all += __shfl_xor_sync(all_lanes, all, distance);
        }

        sum = sum * weights.factor + all;
        largest = next;
        return weights;
    }
};

// Cache rows from a row to before another, a tile of which is in shared memory.
struct part_tile {
    pack<bfloat16>* tile;   // (tile_rows, pitch)
    rows_of<const bfloat16> rows;
    int from, to, packs, pitch;

    // Puts the copies of the tile's first row and those behind it on their way; wait() for them.
    __device__ __forceinline__ void bring(int first) const {
        for (int i = threadIdx.x; i < tile_rows * packs; i += part_threads) {
            const int row = i / packs, p = i % packs;
            const bool is_there = first + row < to;
            copy_16(place_of(tile + row * pitch + p), rows.packs(is_there ? first + row : from) + p, is_there ? 16 : 0);
        }

        end_batch();
    }

    __device__ __forceinline__ void wait() const {
        wait_for_batches<0>();
        __syncthreads();
    }
};

// The sum of a part's latents by exp(score - largest), a thread some columns; the first tile is on its way, the query written by this block.
__device__ __forceinline__ void sum_part(
    const part_tile& part, const float* query, float scale, int latent, running_softmax& softmax, float (&averages)[most_columns]) {
    __shared__ float scores[tile_rows];
    for (int first = part.from; first < part.to; first += tile_rows) {
        part.wait();
        const int row = threadIdx.x / row_lanes;
        float score = 0.0f;
        for (int p = threadIdx.x % row_lanes; p < part.packs; p += row_lanes) {
            const auto* numbers = reinterpret_cast<const pack<float>*>(query + p * 8);
            float x[8];
            part.tile[row * part.pitch + p].get(x);
#pragma unroll
            for (int i = 0; i < 8; i++) {
                score = fmaf(numbers[i / 4].words[i % 4], x[i], score);
            }
        }

#pragma unroll
        for (int distance = row_lanes / 2; distance > 0; distance /= 2) {
            score += __shfl_xor_sync(all_lanes, score, distance);
        }

        if (threadIdx.x % row_lanes == 0) {
            scores[row] = first + row < part.to ? score * scale : -infinity();
        }

        __syncthreads();
        const tile_weights weights = softmax.take(scores[threadIdx.x % 32]);
#pragma unroll
        for (int j = 0; j < most_columns; j++) {
            averages[j] *= weights.factor;
        }

#pragma unroll 8
        for (int r = 0; r < tile_rows; r++) {
            const float weight = __shfl_sync(all_lanes, weights.own, r);
            const bfloat16* numbers = reinterpret_cast<const bfloat16*>(part.tile + r * part.pitch);
#pragma unroll
            for (int j = 0; j < most_columns; j++) {
                const int column = threadIdx.x + j * part_threads;
                if (column < latent) {
                    averages[j] = fmaf(weight, load(numbers + column), averages[j]);
                }
            }
        }

        __syncthreads();
        if (first + tile_rows < part.to) {
            part.bring(first + tile_rows);
        }
    }
}

// Writes what a part has come to, for who combines the parts.
__device__ __forceinline__ void store_part(
    const latent_scratch& scratch, long long head_of_row, int part, int latent, const running_softmax& softmax, const float (&averages)[most_columns]) {
    const long long at = head_of_row * most_parts + part;
#pragma unroll
    for (int j = 0; j < most_columns; j++) {
        const int column = threadIdx.x + j * part_threads;
        if (column < latent) {
            scratch.averages[at * latent + column] = averages[j];
        }
    }

    if (threadIdx.x == 0) {
        scratch.sums[at * 2] = softmax.largest;
        scratch.sums[at * 2 + 1] = softmax.sum;
    }
}

// A head's query in shared memory: into the latent space from a column on, where the block has not brought it there itself, and what is rotated.
__device__ __forceinline__ void load_query(const float* latent_query, const bfloat16* rope_query, int first, int latent, int columns, float* query) {
    for (int c = threadIdx.x + first; c < columns; c += part_threads) {
        query[c] = c < latent ? latent_query[c] : load(rope_query + c - latent);
    }
}

// A part from its first tile, which is on its way, to what it has come to.
__device__ __forceinline__ void attend_part(
    const part_tile& rows, const float* query, float scale, int latent, const latent_scratch& scratch, long long head_of_row, int part) {
    running_softmax softmax;
    float averages[most_columns] = {};
    sum_part(rows, query, scale, latent, softmax, averages);
    store_part(scratch, head_of_row, part, latent, softmax, averages);
}

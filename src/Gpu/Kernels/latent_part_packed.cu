// A part of attention over the compressed cache for rows of bfloat16 that are whole packs, of any sizes that fit: a block has a part of a head, whose rows it
// brings to shared memory 32 at a time.
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

extern "C" __global__ void __launch_bounds__(part_threads) latent_part_packed(
    rows_of<const bfloat16> q, rows_of<const bfloat16> cache, const int* first_rows, const int* lengths, attention_shape shape, int latent,
    latent_scratch scratch) {
    extern __shared__ pack<bfloat16> tile[];
    __shared__ float scores[tile_rows];
    const int head = blockIdx.x, part = blockIdx.y, b = blockIdx.z, length = lengths[b], size = part_rows(length), from = part * size;
    const int to = min(length, from + size), columns = latent + shape.rope, packs = columns / 8, pitch = packs + 1;
    if (from >= length) {
        return;
    }

    const long long at = static_cast<long long>(b) * shape.heads + head;
    float* const query = reinterpret_cast<float*>(tile + tile_rows * pitch);
    for (int c = threadIdx.x; c < columns; c += part_threads) {
        query[c] = c < latent ? scratch.queries[at * latent + c] : load(q.data + b * q.stride + head * shape.query_columns() + shape.nope + c - latent);
    }

    running_softmax softmax;
    float averages[most_columns] = {};
    for (int first = from; first < to; first += tile_rows) {
#pragma unroll 8
        for (int i = threadIdx.x; i < tile_rows * packs; i += part_threads) {
            const int row = i / packs, p = i % packs;
            tile[row * pitch + p] = first + row < to ? cache.packs(first_rows[b] + first + row)[p] : pack<bfloat16>{};
        }

        __syncthreads();
        const int row = threadIdx.x / row_lanes;
        float score = 0.0f;
        for (int p = threadIdx.x % row_lanes; p < packs; p += row_lanes) {
            const auto* numbers = reinterpret_cast<const pack<float>*>(query + p * 8);
            float x[8];
            tile[row * pitch + p].get(x);
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
            scores[row] = first + row < to ? score * shape.scale : -infinity();
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
            const bfloat16* numbers = reinterpret_cast<const bfloat16*>(tile + r * pitch);
#pragma unroll
            for (int j = 0; j < most_columns; j++) {
                const int column = threadIdx.x + j * part_threads;
                if (column < latent) {
                    averages[j] = fmaf(weight, load(numbers + column), averages[j]);
                }
            }
        }

        __syncthreads();
    }

#pragma unroll
    for (int j = 0; j < most_columns; j++) {
        const int column = threadIdx.x + j * part_threads;
        if (column < latent) {
            scratch.averages[(at * most_parts + part) * latent + column] = averages[j];
        }
    }

    if (threadIdx.x == 0) {
        scratch.sums[(at * most_parts + part) * 2] = softmax.largest;
        scratch.sums[(at * most_parts + part) * 2 + 1] = softmax.sum;
    }
}

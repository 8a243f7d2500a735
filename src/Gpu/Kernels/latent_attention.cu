// Attention of one new row a sequence over the compressed cache (latent, then rotated key), the key and value expansions absorbed. A sequence's rows are
// cut into parts, which are combined in order.
#include "block_sum.cuh"
#include "latent_parts.cuh"

constexpr int batch_rows = 8, row_tile = 32, latent_threads = 256;

// queries[b][head][c] = the sum over i of q_nope[i] * up[head, i][c]. A thread a column; the weights are read once for 8 rows.
template <typename T>
__device__ __forceinline__ void latent_queries(
    rows_of<const T> q, rows_of<const float> up, const attention_shape& shape, int rows, int latent, float* queries) {
    const int head = blockIdx.x, c = blockIdx.y * blockDim.x + threadIdx.x, first = blockIdx.z * batch_rows, count = min(batch_rows, rows - first);
    if (c >= latent) {
        return;
    }

    float sums[batch_rows] = {};
    for (int i = 0; i < shape.nope; i++) {
        const float weight = up.data[(static_cast<long long>(head) * shape.key_value_columns() + i) * up.stride + c];
#pragma unroll
        for (int b = 0; b < batch_rows; b++) {
            if (b < count) {
                sums[b] = fmaf(load(q.data + (first + b) * q.stride + head * shape.query_columns() + i), weight, sums[b]);
            }
        }
    }

#pragma unroll
    for (int b = 0; b < batch_rows; b++) {
        if (b < count) {
            queries[(static_cast<long long>(first + b) * shape.heads + head) * latent + c] = sums[b];
        }
    }
}

// One part of one head for any sizes: a warp has the scores of four of 32 rows, then a thread a latent column.
template <typename T>
__device__ __forceinline__ void latent_part(
    rows_of<const T> q, rows_of<const T> cache, const int* first_rows, const int* lengths, const attention_shape& shape, int latent,
    const latent_scratch& scratch) {
    __shared__ float scores[row_tile], kept;
    const int head = blockIdx.x, part = blockIdx.y % most_parts, chunk = blockIdx.y / most_parts, b = blockIdx.z;
    const int length = lengths[b], size = part_rows(length), from = part * size, to = min(length, from + size);
    if (from >= length) {
        return;
    }

    const long long at = static_cast<long long>(b) * shape.heads + head;
    const float* query = scratch.queries + at * latent;
    const T* rope = q.data + b * q.stride + head * shape.query_columns() + shape.nope;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, column = chunk * latent_threads + threadIdx.x;
    float average = 0.0f, largest = -infinity(), sum = 0.0f;
    for (int first = from; first < to; first += row_tile) {
        for (int r = warp; r < row_tile; r += latent_threads / 32) {
            const T* row = cache.data + (first_rows[b] + first + r) * cache.stride;
            float score = 0.0f;
            for (int c = lane; c < latent + shape.rope && first + r < to; c += 32) {
                score = fmaf(c < latent ? query[c] : load(rope + c - latent), load(row + c), score);
            }

            score = warp_sum(score) * shape.scale;
            if (lane == 0) {
                scores[r] = first + r < to ? score : -infinity();
            }
        }

        __syncthreads();
        if (warp == 0) {
            float next = scores[lane];
#pragma unroll
            for (int distance = 16; distance > 0; distance /= 2) {
                next = fmaxf(next, __shfl_xor_sync(all_lanes, next, distance));
            }

            next = fmaxf(largest, next);
            const float factor = expf(largest - next), mine = expf(scores[lane] - next);
            sum = sum * factor + warp_sum(mine);
            largest = next;
            scores[lane] = mine;
            if (lane == 0) {
                kept = factor;
            }
        }

        __syncthreads();
        average *= kept;
        if (column < latent) {
            for (int r = 0; r < min(row_tile, to - first); r++) {
                average = fmaf(scores[r], load(cache.data + (first_rows[b] + first + r) * cache.stride + column), average);
            }
        }

        __syncthreads();
    }

    if (column < latent) {
        scratch.averages[(at * most_parts + part) * latent + column] = average;
    }

    if (threadIdx.x == 0 && chunk == 0) {
        scratch.sums[(at * most_parts + part) * 2] = largest;
        scratch.sums[(at * most_parts + part) * 2 + 1] = sum;
    }
}

// The parts of a head in order, into its part 0; a block a head of a row.
extern "C" __global__ void latent_combine(const int* lengths, int heads, int latent, latent_scratch scratch) {
    const int length = lengths[blockIdx.y], size = part_rows(length), parts = (length + size - 1) / size;
    const long long at = (static_cast<long long>(blockIdx.y) * heads + blockIdx.x) * most_parts;
    float largest = -infinity(), total = 0.0f, factors[most_parts];
    for (int part = 0; part < parts; part++) {
        largest = fmaxf(largest, scratch.sums[(at + part) * 2]);
    }

#pragma unroll
    for (int part = 0; part < most_parts; part++) {
        factors[part] = part < parts ? expf(scratch.sums[(at + part) * 2] - largest) : 0.0f;
        total += part < parts ? factors[part] * scratch.sums[(at + part) * 2 + 1] : 0.0f;
    }

    for (int c = threadIdx.x; c < latent; c += blockDim.x) {
        float sum = 0.0f;
#pragma unroll
        for (int part = 0; part < most_parts; part++) {
            sum = part < parts ? fmaf(factors[part], scratch.averages[(at + part) * latent + c], sum) : sum;
        }

        scratch.averages[at * latent + c] = sum / total;
    }
}

// o[b][head, v] = the sum over c of up[head, nope + v][c] * average[c]. A warp a value column; the weights are read once for 8 rows.
template <typename T>
__device__ __forceinline__ void latent_values(
    rows_of<const float> up, const float* averages, const attention_shape& shape, int rows, int latent, rows_of<T> o) {
    const int head = blockIdx.x, v = blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32, lane = threadIdx.x % 32;
    const int first = blockIdx.z * batch_rows, count = min(batch_rows, rows - first);
    if (v >= shape.value) {
        return;
    }

    const float* weights = up.data + (static_cast<long long>(head) * shape.key_value_columns() + shape.nope + v) * up.stride;
    float sums[batch_rows] = {};
    for (int c = lane; c < latent; c += 32) {
        const float weight = weights[c];
#pragma unroll
        for (int b = 0; b < batch_rows; b++) {
            if (b < count) {
                sums[b] = fmaf(weight, averages[(static_cast<long long>(first + b) * shape.heads + head) * most_parts * latent + c], sums[b]);
            }
        }
    }

#pragma unroll
    for (int b = 0; b < batch_rows; b++) {
        const float sum = warp_sum(sums[b]);
        if (b < count && lane == 0) {
            store(o.data + (first + b) * o.stride + head * shape.value + v, sum);
        }
    }
}

#define LATENT_ATTENTION(name, T)                                                                                                                     \
    extern "C" __global__ void latent_queries_##name(                                                                                                 \
        rows_of<const T> q, rows_of<const float> up, attention_shape shape, int rows, int latent, latent_scratch scratch) {                           \
        latent_queries<T>(q, up, shape, rows, latent, scratch.queries);                                                                               \
    }                                                                                                                                                 \
    extern "C" __global__ void latent_part_##name(                                                                                                    \
        rows_of<const T> q, rows_of<const T> cache, const int* first_rows, const int* lengths, attention_shape shape, int latent,                     \
        latent_scratch scratch) {                                                                                                                     \
        latent_part<T>(q, cache, first_rows, lengths, shape, latent, scratch);                                                                        \
    }                                                                                                                                                 \
    extern "C" __global__ void latent_values_##name(                                                                                                  \
        rows_of<const float> up, attention_shape shape, int rows, int latent, latent_scratch scratch, rows_of<T> o) {                                 \
        latent_values<T>(up, scratch.averages, shape, rows, latent, o);                                                                               \
    }

LATENT_ATTENTION(float32, float)
LATENT_ATTENTION(bfloat16, bfloat16)

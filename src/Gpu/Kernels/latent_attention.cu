// Attention of one new row a sequence over the compressed cache (latent, then rotated key), the key and value expansions absorbed. A sequence's rows are
// cut into parts, which are combined in order.
#include "block_sum.cuh"
#include "latent_parts.cuh"

constexpr int batch_rows = 16, query_step = 64, query_batch = 32, warp_values = 4, row_tile = 32, latent_threads = 256;

// queries[b][head][c] = the sum over i of q_nope[i] * up[head, i][c]. A thread a column; the weights are read once for 16 rows, whose queries are in
// shared memory 64 at a time; a thread has 32 of its column's weights on their way at once.
template <typename T>
__device__ __forceinline__ void latent_queries(
    rows_of<const T> q, rows_of<const T> up, const attention_shape& shape, int rows, int latent, float* queries) {
    __shared__ pack<float> shared[batch_rows][query_step / 4];
    const int head = blockIdx.x, c = blockIdx.y * blockDim.x + threadIdx.x, first = blockIdx.z * batch_rows, count = min(batch_rows, rows - first);
    float sums[batch_rows] = {};
    for (int from = 0; from < shape.nope; from += query_step) {
        __syncthreads();
        for (int i = threadIdx.x; i < batch_rows * query_step; i += blockDim.x) {
            const int b = i / query_step, d = i % query_step;
            shared[b][d / 4].words[d % 4] =
                b < count && from + d < shape.nope ? load(q.data + (first + b) * q.stride + head * shape.query_columns() + from + d) : 0.0f;
        }

        __syncthreads();
        const T* weights = up.data + (static_cast<long long>(head) * shape.key_value_columns() + from) * up.stride + c;
        for (int d = 0; d < query_step && from + d < shape.nope && c < latent; d += query_batch) {
            float weight[query_batch];
#pragma unroll
            for (int i = 0; i < query_batch; i++) {
                weight[i] = from + d + i < shape.nope ? load(weights + (d + i) * up.stride) : 0.0f;
            }

#pragma unroll
            for (int b = 0; b < batch_rows; b++) {
                if (b < count) {
#pragma unroll
                    for (int i = 0; i < query_batch; i += 4) {
                        const pack<float> query = shared[b][(d + i) / 4];
#pragma unroll
                        for (int j = 0; j < 4; j++) {
                            sums[b] = fmaf(query.words[j], weight[i + j], sums[b]);
                        }
                    }
                }
            }
        }
    }

#pragma unroll
    for (int b = 0; b < batch_rows; b++) {
        if (b < count && c < latent) {
            queries[(static_cast<long long>(first + b) * shape.heads + head) * latent + c] = sums[b];
        }
    }
}

// The same for few rows of bfloat16, all of whose sums a thread holds: a block has 256 columns of a head, of whose weights a warp reads every eighth row.
constexpr int few_rows = 8, query_warps = latent_threads / 32;

extern "C" __global__ void __launch_bounds__(latent_threads) latent_queries_few(
    rows_of<const bfloat16> q, rows_of<const bfloat16> up, attention_shape shape, int rows, int latent, latent_scratch scratch) {
    __shared__ float shared[query_warps][latent_threads];
    const int head = blockIdx.x, warp = threadIdx.x / 32, first = blockIdx.y * latent_threads, column = first + threadIdx.x % 32 * 8;
    float sums[few_rows][8] = {};
    const bfloat16* weights = up.data + static_cast<long long>(head) * shape.key_value_columns() * up.stride + column;
#pragma unroll 4
    for (int i = warp; i < shape.nope && column < latent; i += query_warps) {
        float weight[8];
        reinterpret_cast<const pack<bfloat16>*>(weights + i * up.stride)->get(weight);
#pragma unroll
        for (int b = 0; b < few_rows; b++) {
            if (b < rows) {
                const float query = load(q.data + b * q.stride + head * shape.query_columns() + i);
#pragma unroll
                for (int j = 0; j < 8; j++) {
                    sums[b][j] = fmaf(query, weight[j], sums[b][j]);
                }
            }
        }
    }

#pragma unroll
    for (int b = 0; b < few_rows; b++) {
        if (b < rows) {
            __syncthreads();
#pragma unroll
            for (int j = 0; j < 8; j++) {
                shared[warp][threadIdx.x % 32 * 8 + j] = sums[b][j];
            }

            __syncthreads();
            float sum = 0.0f;
#pragma unroll
            for (int other = 0; other < query_warps; other++) {
                sum += shared[other][threadIdx.x];
            }

            if (first + static_cast<int>(threadIdx.x) < latent) {
                scratch.queries[(static_cast<long long>(b) * shape.heads + head) * latent + first + threadIdx.x] = sum;
            }
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

// Into part 0; a block a head of a row.
extern "C" __global__ void latent_combine(const int* lengths, int heads, int latent, latent_scratch scratch) {
    const long long head_of_row = static_cast<long long>(blockIdx.y) * heads + blockIdx.x;
    float* const average = scratch.averages + head_of_row * most_parts * latent;
    if (latent % 4 == 0) {
        combine_parts<4>(scratch, head_of_row, lengths[blockIdx.y], latent, average);
    } else {
        combine_parts<1>(scratch, head_of_row, lengths[blockIdx.y], latent, average);
    }
}

// Sums over a warp's lanes of twice as many numbers as it has lanes, each as warp_sum adds: lane l has those of 2l and 2l + 1 in the end.
template <int count, int distance, int all>
__device__ __forceinline__ void sum_over_lanes(float (&x)[all]) {
    const bool is_upper = (threadIdx.x & distance) != 0;
#pragma unroll
    for (int i = 0; i < count / 2; i++) {
        const float low = x[i], high = x[i + count / 2];
        x[i] = (is_upper ? high : low) + __shfl_xor_sync(all_lanes, is_upper ? low : high, distance);
    }

    if constexpr (distance > 1) {
        sum_over_lanes<count / 2, distance / 2>(x);
    }
}

// o[b][head, v] = the sum over c of up[head, nope + v][c] * average[c]. A warp has four value columns; the weights are read once for 16 rows. Of a head's
// averages one is row_step numbers behind the other.
template <typename T, int width>
__device__ __forceinline__ void latent_values(
    rows_of<const T> up, const float* averages, long long row_step, const attention_shape& shape, int rows, int latent, rows_of<T> o) {
    const int head = blockIdx.x, first_value = (blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32) * warp_values, lane = threadIdx.x % 32;
    const int first = blockIdx.z * batch_rows, count = min(batch_rows, rows - first), values = min(warp_values, shape.value - first_value);
    const T* weights = up.data + (static_cast<long long>(head) * shape.key_value_columns() + shape.nope + first_value) * up.stride;
    static_assert(batch_rows * warp_values == 64 && warp_values == 4);
    float sums[batch_rows * warp_values] = {};
#pragma unroll 1
    for (int c = lane * width; c < latent && values > 0; c += 32 * width) {
        float weight[warp_values][width];
#pragma unroll
        for (int v = 0; v < warp_values; v++) {
            get_numbers(weights + (v < values ? v : 0) * up.stride + c, weight[v]);
        }

#pragma unroll
        for (int b = 0; b < batch_rows; b++) {
            if (b < count) {
                float average[width];
                get_numbers(averages + b * row_step + c, average);
#pragma unroll
                for (int v = 0; v < warp_values; v++) {
#pragma unroll
                    for (int i = 0; i < width; i++) {
                        sums[b * warp_values + v] = fmaf(weight[v][i], average[i], sums[b * warp_values + v]);
                    }
                }
            }
        }
    }

    sum_over_lanes<batch_rows * warp_values, 16>(sums);
    const int row = lane / 2, value = lane % 2 * 2;
#pragma unroll
    for (int i = 0; i < 2; i++) {
        if (row < count && value + i < values) {
            store(o.data + (first + row) * o.stride + head * shape.value + first_value + value + i, sums[i]);
        }
    }
}

// Where a block reads its averages: in device memory; in shared memory, after it has copied them there; or there, after it has combined their parts, which saves a
// kernel where rows are few. Mirrors Actors.Gpu.Operations.LatentAttentionKernels.
constexpr int read_in_place = 0, read_copies = 1, read_combined = 2;

template <typename T>
__device__ __forceinline__ void expand_averages(
    rows_of<const T> up, const attention_shape& shape, const int* lengths, int rows, int latent, const latent_scratch& scratch, rows_of<T> o, int packed,
    int reads) {
    extern __shared__ pack<float> shared_averages[];
    const long long step = static_cast<long long>(shape.heads) * most_parts * latent;
    const float* averages = scratch.averages + blockIdx.z * batch_rows * step + static_cast<long long>(blockIdx.x) * most_parts * latent;
    float* const own = reinterpret_cast<float*>(shared_averages);
    if (reads == read_combined) {
        for (int b = 0; b < rows; b++) {
            combine_parts<1>(scratch, static_cast<long long>(b) * shape.heads + blockIdx.x, lengths[b], latent, own + b * latent);
        }
    } else if (reads == read_copies) {
        const int count = min(batch_rows, rows - static_cast<int>(blockIdx.z) * batch_rows);
#pragma unroll 8
        for (int i = threadIdx.x; i < count * (latent / 4); i += blockDim.x) {
            const int b = i / (latent / 4), c = i % (latent / 4) * 4;
            shared_averages[i] = *reinterpret_cast<const pack<float>*>(averages + b * step + c);
        }
    }

    __syncthreads();
    const float* const from = reads == read_in_place ? averages : own;
    const long long row_step = reads == read_in_place ? step : latent;
    if (packed) {
        latent_values<T, 4>(up, from, row_step, shape, rows, latent, o);
    } else {
        latent_values<T, 1>(up, from, row_step, shape, rows, latent, o);
    }
}

#define LATENT_ATTENTION(name, T)                                                                                                                     \
    extern "C" __global__ void latent_queries_##name(                                                                                                 \
        rows_of<const T> q, rows_of<const T> up, attention_shape shape, int rows, int latent, latent_scratch scratch) {                           \
        latent_queries<T>(q, up, shape, rows, latent, scratch.queries);                                                                               \
    }                                                                                                                                                 \
    extern "C" __global__ void latent_part_##name(                                                                                                    \
        rows_of<const T> q, rows_of<const T> cache, const int* first_rows, const int* lengths, attention_shape shape, int latent,                     \
        latent_scratch scratch) {                                                                                                                     \
        latent_part<T>(q, cache, first_rows, lengths, shape, latent, scratch);                                                                        \
    }                                                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(latent_threads, 2) latent_values_##name(                                                             \
        rows_of<const T> up, attention_shape shape, const int* lengths, int rows, int latent, latent_scratch scratch, rows_of<T> o, int packed,       \
        int reads) {                                                                                                                                  \
        expand_averages<T>(up, shape, lengths, rows, latent, scratch, o, packed, reads);                                                              \
    }

LATENT_ATTENTION(float32, float)
LATENT_ATTENTION(bfloat16, bfloat16)

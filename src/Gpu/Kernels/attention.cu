// Causal attention for heads of any size: a block has 32 queries of a head and 64 of its value columns, passes over the keys in tiles of 32, and keeps
// the largest score, the sum of exponentials and the average of values of what it has seen.
#include "attention_tiles.cuh"

template <typename T>
__device__ __forceinline__ void attention(
    rows_of<const T> q, rows_of<const T> kv, rows_of<const T> k_rope, const sequence_list& sequences, const attention_shape& shape, rows_of<T> o,
    rows_of<float> log_sum_exp) {
    __shared__ tile_memory memory;
    const sequence_tile tile = find_tile(sequences, gridDim.y - 1 - blockIdx.y, tile_size);
    if (tile.rows == 0) {
        return;
    }

    const head_inputs<T> head = {q, kv, k_rope, shape, static_cast<int>(blockIdx.x)};
    const int x = threadIdx.x % half_tile, y = threadIdx.x / half_tile;
    const int from = blockIdx.z * output_columns, columns = min(output_columns, shape.value - from);
    float average[2][4] = {}, largest[2] = {-infinity(), -infinity()}, sum[2] = {};
    for (int first = tile.start; first < tile.first + tile.rows; first += tile_size) {
        const int keys = min(tile_size, tile.end - first);
        float scores[2][2];
        tile_product(
            memory, shape.query_columns(), scores, [&](int row, int d) { return row < tile.rows ? load(head.query(tile.first + row) + d) : 0.0f; },
            [&](int row, int d) { return row < keys ? head.key(first + row, d) : 0.0f; });
        load_rows(memory, columns, [&](int row, int c) { return row < keys ? load(head.value(first + row) + from + c) : 0.0f; });
#pragma unroll
        for (int i = 0; i < 2; i++) {
            const int row = tile.first + y + half_tile * i;
#pragma unroll
            for (int j = 0; j < 2; j++) {
                const int key = first + x + half_tile * j;
                scores[i][j] = key <= row && key < tile.end ? scores[i][j] * shape.scale : -infinity();
            }

            // A query sees the first key, so that its largest score is a number from the first tile on.
            float next = fmaxf(scores[i][0], scores[i][1]);
#pragma unroll
            for (int distance = half_tile / 2; distance > 0; distance /= 2) {
                next = fmaxf(next, __shfl_xor_sync(all_lanes, next, distance));
            }

            next = fmaxf(largest[i], next);
            const float kept = expf(largest[i] - next), one = expf(scores[i][0] - next), two = expf(scores[i][1] - next);
            largest[i] = next;
            sum[i] = sum[i] * kept + (one + two);
            memory.factors[y + half_tile * i][x] = one;
            memory.factors[y + half_tile * i][x + half_tile] = two;
#pragma unroll
            for (int c = 0; c < 4; c++) {
                average[i][c] *= kept;
            }
        }

        __syncthreads();
        add_product<false>(memory, average);
        __syncthreads();
    }

#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int distance = half_tile / 2; distance > 0; distance /= 2) {
            sum[i] += __shfl_xor_sync(all_lanes, sum[i], distance);
        }

        if (y + half_tile * i >= tile.rows) {
            continue;
        }

        const long long row = tile.first + y + half_tile * i;
        T* output = o.data + row * o.stride + blockIdx.x * shape.value + from;
#pragma unroll
        for (int c = 0; c < 4; c++) {
            if (x + half_tile * c < columns) {
                store(output + x + half_tile * c, average[i][c] / sum[i]);
            }
        }

        if (log_sum_exp.data != nullptr && blockIdx.z == 0 && x == 0) {
            log_sum_exp.data[row * log_sum_exp.stride + blockIdx.x] = largest[i] + logf(sum[i]);
        }
    }
}

extern "C" __global__ void attention_float32(
    rows_of<const float> q, rows_of<const float> kv, rows_of<const float> k_rope, sequence_list sequences, attention_shape shape, rows_of<float> o,
    rows_of<float> log_sum_exp) {
    attention<float>(q, kv, k_rope, sequences, shape, o, log_sum_exp);
}

extern "C" __global__ void attention_bfloat16(
    rows_of<const bfloat16> q, rows_of<const bfloat16> kv, rows_of<const bfloat16> k_rope, sequence_list sequences, attention_shape shape,
    rows_of<bfloat16> o, rows_of<float> log_sum_exp) {
    attention<bfloat16>(q, kv, k_rope, sequences, shape, o, log_sum_exp);
}

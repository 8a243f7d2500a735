// Gradients of attention for heads of any size; the probabilities are computed again from the saved logarithms. A block owns 32 rows of a head and up to
// 64 columns of their gradient, so that every sum has one order.
#include "attention_tiles.cuh"
#include "block_sum.cuh"

// delta[row, head], a warp each.
template <typename T>
__device__ __forceinline__ void output_products(rows_of<const T> d_o, rows_of<const T> o, float* delta, int rows, int heads, int columns) {
    const int lane = threadIdx.x % 32, head = blockIdx.y;
    const long long row = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32;
    if (row >= rows) {
        return;
    }

    const T* gradient = d_o.data + row * d_o.stride + static_cast<long long>(head) * columns;
    const T* output = o.data + row * o.stride + static_cast<long long>(head) * columns;
    float sum = 0.0f;
    for (int c = lane; c < columns; c += 32) {
        sum = fmaf(load(gradient + c), load(output + c), sum);
    }

    sum = warp_sum(sum);
    if (lane == 0) {
        delta[row * heads + head] = sum;
    }
}

// factors[query][key] = the probability, or without `probabilities` the gradient of the score before its scale. Ends with a barrier.
template <typename T>
__device__ __forceinline__ void score_gradients(
    tile_memory& memory, const head_inputs<T>& head, const gradient_inputs<T>& gradients, int first_query, int first_key, int end, bool probabilities) {
    const attention_shape& shape = head.shape;
    const int x = threadIdx.x % half_tile, y = threadIdx.x / half_tile, queries = end - first_query, keys = end - first_key;
    float scores[2][2], products[2][2];
    tile_product(
        memory, shape.query_columns(), scores, [&](int row, int d) { return row < queries ? load(head.query(first_query + row) + d) : 0.0f; },
        [&](int row, int d) { return row < keys ? head.key(first_key + row, d) : 0.0f; });
    if (!probabilities) {
        tile_product(
            memory, shape.value, products,
            [&](int row, int d) {
                return row < queries ? load(gradients.d_o.data + (first_query + row) * gradients.d_o.stride + head.head * shape.value + d) : 0.0f;
            },
            [&](int row, int d) { return row < keys ? load(head.value(first_key + row) + d) : 0.0f; });
    }

#pragma unroll
    for (int i = 0; i < 2; i++) {
        const long long query = first_query + y + half_tile * i;
        const bool is_live = query < end;
        const float logarithm = is_live ? gradients.log_sum_exp.data[query * gradients.log_sum_exp.stride + head.head] : 0.0f;
        const float product = is_live && !probabilities ? gradients.delta[query * shape.heads + head.head] : 0.0f;
#pragma unroll
        for (int j = 0; j < 2; j++) {
            const int key = first_key + x + half_tile * j;
            const float probability = is_live && key <= query ? expf(scores[i][j] * shape.scale - logarithm) : 0.0f;
            memory.factors[y + half_tile * i][x + half_tile * j] =
                probabilities ? probability : is_live && key <= query ? probability * (products[i][j] - product) * shape.scale : 0.0f;
        }
    }

    __syncthreads();
}

// Calls write(row of the tile, column below `columns`, sum) for a thread's sums.
template <typename F>
__device__ __forceinline__ void each_sum(const float (&sums)[2][4], int rows, int columns, F write) {
    const int x = threadIdx.x % half_tile, y = threadIdx.x / half_tile;
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int c = 0; c < 4; c++) {
            if (y + half_tile * i < rows && x + half_tile * c < columns) {
                write(y + half_tile * i, x + half_tile * c, sums[i][c]);
            }
        }
    }
}

template <typename T>
__device__ __forceinline__ void query_gradient(
    const head_inputs<T>& head, const gradient_inputs<T>& gradients, const sequence_list& sequences, rows_of<T> dq) {
    __shared__ tile_memory memory;
    const sequence_tile tile = find_tile(sequences, gridDim.y - 1 - blockIdx.y, tile_size);
    const int from = blockIdx.z * output_columns, columns = min(output_columns, head.shape.query_columns() - from);
    float sums[2][4] = {};
    for (int first = tile.start; first < tile.first + tile.rows; first += tile_size) {
        score_gradients(memory, head, gradients, tile.first, first, tile.end, false);
        load_rows(memory, columns, [&](int row, int c) { return first + row < tile.end ? head.key(first + row, from + c) : 0.0f; });
        __syncthreads();
        add_product<false>(memory, sums);
        __syncthreads();
    }

    each_sum(sums, tile.rows, columns, [&](int row, int c, float sum) {
        store(dq.data + (tile.first + row) * dq.stride + head.head * head.shape.query_columns() + from + c, sum);
    });
}

// d_rope (heads, rows, rope) has each head's share of the shared keys' gradient.
template <typename T>
__device__ __forceinline__ void key_value_gradient(
    const head_inputs<T>& head, const gradient_inputs<T>& gradients, const sequence_list& sequences, rows_of<T> dkv, float* d_rope, int rows) {
    __shared__ tile_memory memory;
    const attention_shape& shape = head.shape;
    const sequence_tile tile = find_tile(sequences, blockIdx.y, tile_size);
    const int value_blocks = (shape.value + output_columns - 1) / output_columns;
    const bool is_value = static_cast<int>(blockIdx.z) < value_blocks;
    const int from = (is_value ? blockIdx.z : blockIdx.z - value_blocks) * output_columns;
    const int columns = min(output_columns, (is_value ? shape.value : shape.query_columns()) - from);
    float sums[2][4] = {};
    for (int first = tile.first; tile.rows > 0 && first < tile.end; first += tile_size) {
        score_gradients(memory, head, gradients, first, tile.first, tile.end, is_value);
        load_rows(memory, columns, [&](int row, int c) {
            const T* source = is_value ? gradients.d_o.data + (first + row) * gradients.d_o.stride + head.head * shape.value : head.query(first + row);
            return first + row < tile.end ? load(source + from + c) : 0.0f;
        });
        __syncthreads();
        add_product<true>(memory, sums);
        __syncthreads();
    }

    each_sum(sums, tile.rows, columns, [&](int row, int c, float sum) {
        const long long key = tile.first + row;
        if (is_value || from + c < shape.nope) {
            store(dkv.data + key * dkv.stride + head.head * shape.key_value_columns() + (is_value ? shape.nope : 0) + from + c, sum);
        } else {
            d_rope[(static_cast<long long>(head.head) * rows + key) * shape.rope + from + c - shape.nope] = sum;
        }
    });
}

// dk_rope = the sum over heads in order. A warp a row.
template <typename T>
__device__ __forceinline__ void sum_heads(const float* d_rope, rows_of<T> dk_rope, int rows, int heads, int columns) {
    const long long row = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32, step = static_cast<long long>(rows) * columns;
    for (int c = threadIdx.x % 32; c < columns && row < rows; c += 32) {
        float sum = 0.0f;
#pragma unroll 4
        for (int head = 0; head < heads; head++) {
            sum += d_rope[head * step + row * columns + c];
        }

        store(dk_rope.data + row * dk_rope.stride + c, sum);
    }
}

#define ATTENTION_BACKWARD(name, T)                                                                                                                   \
    extern "C" __global__ void attention_delta_##name(rows_of<const T> d_o, rows_of<const T> o, float* delta, int rows, int heads, int columns) {     \
        output_products<T>(d_o, o, delta, rows, heads, columns);                                                                                      \
    }                                                                                                                                                 \
    extern "C" __global__ void attention_dq_##name(                                                                                                   \
        rows_of<const T> q, rows_of<const T> kv, rows_of<const T> k_rope, sequence_list sequences, attention_shape shape,                             \
        gradient_inputs<T> gradients, rows_of<T> dq) {                                                                                                \
        query_gradient<T>({q, kv, k_rope, shape, static_cast<int>(blockIdx.x)}, gradients, sequences, dq);                                            \
    }                                                                                                                                                 \
    extern "C" __global__ void attention_dkv_##name(                                                                                                  \
        rows_of<const T> q, rows_of<const T> kv, rows_of<const T> k_rope, sequence_list sequences, attention_shape shape,                             \
        gradient_inputs<T> gradients, rows_of<T> dkv, float* d_rope, int rows) {                                                                      \
        key_value_gradient<T>({q, kv, k_rope, shape, static_cast<int>(blockIdx.x)}, gradients, sequences, dkv, d_rope, rows);                         \
    }                                                                                                                                                 \
    extern "C" __global__ void attention_dk_rope_##name(const float* d_rope, rows_of<T> dk_rope, int rows, int heads, int columns) {                  \
        sum_heads<T>(d_rope, dk_rope, rows, heads, columns);                                                                                          \
    }

ATTENTION_BACKWARD(float32, float)
ATTENTION_BACKWARD(bfloat16, bfloat16)

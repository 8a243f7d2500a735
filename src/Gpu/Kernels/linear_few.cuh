// Products of few rows of bfloat16 with a weight, x Wᵀ, and before them, where it is wanted, the rows' norm. They are bound by reading the weight, of which a
// warp has the next packs on their way before it looks at the rows. A warp has an output column, or some side by side.
#pragma once
#include "block_sum.cuh"
#include "scalars.cuh"

constexpr int few_threads = 256, few_warps = few_threads / 32, batch = 4;

// Mirrors Actors.Gpu.Operations.FewRowKernels. Rows and the weight begin at multiples of 16 bytes; the depth is a multiple of 8.
struct few_product {
    rows_of<const bfloat16> x, weight, addend;
    void* result;
    long long result_stride;
    const float* norm;
    rows_of<bfloat16> normed;
    float* rstd;
    float epsilon;
    int rows, columns, depth, result_is_float32;
};

// Which of a grid's blocks share the columns: those from the first on.
struct column_blocks {
    int number, count;
};

template <int width>
__device__ __forceinline__ void load_batch(const few_product& product, int column, int first, pack<bfloat16> (&packs)[width][batch]) {
#pragma unroll
    for (int w = 0; w < width; w++) {
        const auto* row = column + w < product.columns ? product.weight.packs(column + w) : nullptr;
#pragma unroll
        for (int i = 0; i < batch; i++) {
            const int at = first + i * 32 + static_cast<int>(threadIdx.x % 32);
            packs[w][i] = row != nullptr && at < product.depth / 8 ? row[at] : pack<bfloat16>{};
        }
    }
}

// Eight numbers of the norm's weight.
__device__ __forceinline__ void load_norm(const few_product& product, int p, float (&x)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
        x[i] = product.norm != nullptr && p < product.depth / 8 ? product.norm[p * 8 + i] : 0.0f;
    }
}

// The rows, as they are or normed, in shared memory. A thread norms what it has brought; the first numbers of the norm's weight are on their way with the rows.
__device__ __forceinline__ void stage_rows(const few_product& product, bool is_first_block, pack<bfloat16>* inputs, float* sums) {
    const int packs = product.depth / 8;
    float first_norm[8];
    load_norm(product, threadIdx.x, first_norm);
    for (int r = 0; r < product.rows; r++) {
        const auto* from = product.x.packs(r);
        pack<bfloat16>* to = inputs + r * packs;
        float squares = 0.0f, x[8];
        for (int p = threadIdx.x; p < packs; p += few_threads) {
            const pack<bfloat16> numbers = from[p];
            to[p] = numbers;
            numbers.get(x);
#pragma unroll
            for (int i = 0; i < 8; i++) {
                squares += x[i] * x[i];
            }
        }

        if (product.norm == nullptr) {
            continue;
        }

        const float square = block_sum(squares, sums) / product.depth + product.epsilon;
        const float inverse = isinf(square) ? not_a_number() : 1.0f / sqrtf(square);
        for (int p = threadIdx.x; p < packs; p += few_threads) {
            float norm[8];
            if (p >= few_threads) {
                load_norm(product, p, norm);
            }

            to[p].get(x);
#pragma unroll
            for (int i = 0; i < 8; i++) {
                x[i] *= inverse * (p < few_threads ? first_norm[i] : norm[i]);
            }

            to[p].set(x);
            if (is_first_block) {
                product.normed.packs(r)[p] = to[p];
            }
        }

        if (is_first_block && threadIdx.x == 0 && product.rstd != nullptr) {
            product.rstd[r] = inverse;
        }
    }

    __syncthreads();
}

// Columns of a product, as many side by side in a warp as the output has: a lane brings what its row's columns are stored with before the sums are there, and
// stores them.
template <int most_rows, typename Output>
__device__ __forceinline__ void linear_few(const few_product& product, column_blocks blocks, Output output) {
    constexpr int width = Output::width;
    extern __shared__ pack<bfloat16> few_inputs[];
    __shared__ float sums_of_warps[few_warps];
    const int packs = product.depth / 8, lane = threadIdx.x % 32, step = blocks.count * few_warps * width;
    int column = (blocks.number * few_warps + static_cast<int>(threadIdx.x) / 32) * width;
    pack<bfloat16> next[width][batch];
    load_batch(product, column, 0, next);
    if (lane < product.rows && column < product.columns) {
        output.bring(lane, column);
    }

    stage_rows(product, blocks.number == 0, few_inputs, sums_of_warps);
    for (; column < product.columns; column += step) {
        float sums[most_rows][width] = {};
        for (int first = 0; first < packs; first += 32 * batch) {
            pack<bfloat16> now[width][batch];
#pragma unroll
            for (int w = 0; w < width; w++) {
#pragma unroll
                for (int i = 0; i < batch; i++) {
                    now[w][i] = next[w][i];
                }
            }

            const bool is_last = first + 32 * batch >= packs;
            load_batch(product, is_last ? column + step : column, is_last ? 0 : first + 32 * batch, next);
#pragma unroll
            for (int i = 0; i < batch; i++) {
                const int at = first + i * 32 + lane;
                float weight[width][8];
#pragma unroll
                for (int w = 0; w < width; w++) {
                    now[w][i].get(weight[w]);
                }

#pragma unroll
                for (int r = 0; r < most_rows; r++) {
                    if (r < product.rows && at < packs) {
                        float x[8];
                        few_inputs[r * packs + at].get(x);
#pragma unroll
                        for (int w = 0; w < width; w++) {
#pragma unroll
                            for (int j = 0; j < 8; j++) {
                                sums[r][w] = fmaf(x[j], weight[w][j], sums[r][w]);
                            }
                        }
                    }
                }
            }
        }

#pragma unroll
        for (int r = 0; r < most_rows; r++) {
            float all[width];
#pragma unroll
            for (int w = 0; w < width; w++) {
                all[w] = warp_sum(sums[r][w]);
            }

            if (lane == r && r < product.rows) {
                output.store(r, column, all);
            }
        }

        if (lane < product.rows && column + step < product.columns) {
            output.bring(lane, column + step);
        }
    }
}

// A column of a product, with an addend where there is one.
struct product_output {
    static constexpr int width = 1;
    const few_product& product;
    float addend;

    __device__ __forceinline__ void bring(int row, int column) {
        addend = product.addend.data == nullptr ? 0.0f : load(product.addend.data + row * product.addend.stride + column);
    }

    __device__ __forceinline__ void store(int row, int column, const float (&sums)[1]) {
        const float sum = product.addend.data == nullptr ? sums[0] : sums[0] + addend;
        const long long at = row * product.result_stride + column;
        if (product.result_is_float32) {
            static_cast<float*>(product.result)[at] = sum;
        } else {
            ::store(static_cast<bfloat16*>(product.result) + at, sum);
        }
    }
};

// Products of few rows of bfloat16 with a weight, y = [addend +] x Wᵀ, and before them, where it is wanted, the rows' norm. They are bound by reading the
// weight, of which a warp has the next packs on their way before it looks at the rows. A warp has an output column.
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

__device__ __forceinline__ void load_batch(const few_product& product, int column, int first, pack<bfloat16> (&packs)[batch]) {
    const auto* row = column < product.columns ? product.weight.packs(column) : nullptr;
#pragma unroll
    for (int i = 0; i < batch; i++) {
        const int at = first + i * 32 + static_cast<int>(threadIdx.x % 32);
        packs[i] = row != nullptr && at < product.depth / 8 ? row[at] : pack<bfloat16>{};
    }
}

// The rows, as they are or normed, in shared memory. A thread norms what it has brought.
__device__ __forceinline__ void stage_rows(const few_product& product, pack<bfloat16>* inputs, float* sums) {
    const int packs = product.depth / 8;
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
            to[p].get(x);
#pragma unroll
            for (int i = 0; i < 8; i++) {
                x[i] *= inverse * product.norm[p * 8 + i];
            }

            to[p].set(x);
            if (blockIdx.x == 0) {
                product.normed.packs(r)[p] = to[p];
            }
        }

        if (blockIdx.x == 0 && threadIdx.x == 0 && product.rstd != nullptr) {
            product.rstd[r] = inverse;
        }
    }

    __syncthreads();
}

__device__ __forceinline__ void store_few(const few_product& product, int row, int column, float sum) {
    if (product.addend.data != nullptr) {
        sum += load(product.addend.data + row * product.addend.stride + column);
    }

    const long long at = row * product.result_stride + column;
    if (product.result_is_float32) {
        static_cast<float*>(product.result)[at] = sum;
    } else {
        store(static_cast<bfloat16*>(product.result) + at, sum);
    }
}

template <int most_rows>
__device__ __forceinline__ void linear_few(const few_product& product) {
    extern __shared__ pack<bfloat16> few_inputs[];
    __shared__ float sums_of_warps[few_warps];
    const int packs = product.depth / 8, lane = threadIdx.x % 32, step = gridDim.x * few_warps;
    int column = blockIdx.x * few_warps + threadIdx.x / 32;
    pack<bfloat16> next[batch];
    load_batch(product, column, 0, next);
    stage_rows(product, few_inputs, sums_of_warps);
    for (; column < product.columns; column += step) {
        float sums[most_rows] = {};
        for (int first = 0; first < packs; first += 32 * batch) {
            pack<bfloat16> now[batch];
#pragma unroll
            for (int i = 0; i < batch; i++) {
                now[i] = next[i];
            }

            const bool is_last = first + 32 * batch >= packs;
            load_batch(product, is_last ? column + step : column, is_last ? 0 : first + 32 * batch, next);
#pragma unroll
            for (int i = 0; i < batch; i++) {
                const int at = first + i * 32 + lane;
                float weight[8];
                now[i].get(weight);
#pragma unroll
                for (int r = 0; r < most_rows; r++) {
                    if (r < product.rows && at < packs) {
                        float x[8];
                        few_inputs[r * packs + at].get(x);
#pragma unroll
                        for (int j = 0; j < 8; j++) {
                            sums[r] = fmaf(x[j], weight[j], sums[r]);
                        }
                    }
                }
            }
        }

#pragma unroll
        for (int r = 0; r < most_rows; r++) {
            const float sum = warp_sum(sums[r]);
            if (lane == r && r < product.rows) {
                store_few(product, r, column, sum);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(few_threads) linear_few_1(few_product product) {
    linear_few<1>(product);
}

extern "C" __global__ void __launch_bounds__(few_threads) linear_few_8(few_product product) {
    linear_few<8>(product);
}

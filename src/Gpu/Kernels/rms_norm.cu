// y = x * rstd * weight, rstd = 1 / sqrt(mean(x * x) + epsilon), a block a row. Where the mean square is beyond float32 the row becomes NaN.
#include "block_sum.cuh"
#include "elements.cuh"

// A thread keeps up to 32 numbers of a row in registers between the sum and the product; what a longer row has beyond is read twice.
constexpr int kept_numbers = 32;

// Blocks of a multiprocessor: all rows of a block wait for its slowest, so several rows must be on their way. Bounds the registers a thread.
constexpr int block_threads = 256, least_blocks = 5;

template <typename T>
__device__ __forceinline__ float squares_of(const pack<T>& input) {
    float x[pack<T>::size];
    input.get(x);
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < pack<T>::size; i++) {
        sum += x[i] * x[i];
    }

    return sum;
}

template <typename T>
__device__ __forceinline__ pack<T> scaled(const pack<T>& input, float inverse, const float* weight) {
    float x[pack<T>::size];
    input.get(x);
#pragma unroll
    for (int quarter = 0; quarter < pack<T>::size / 4; quarter++) {
        float factors[4];
        reinterpret_cast<const pack<float>*>(weight)[quarter].get(factors);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            x[4 * quarter + i] *= inverse * factors[i];
        }
    }

    pack<T> result;
    result.set(x);
    return result;
}

template <typename T>
__device__ __forceinline__ void rms_norm(
    rows_of<const T> x, const float* weight, float epsilon, rows_of<T> y, float* rstd, row_count rows, int columns) {
    __shared__ float warps[32];
    constexpr int kept_packs = kept_numbers / pack<T>::size;
    const int packs = columns / pack<T>::size;
    const int beyond = threadIdx.x + kept_packs * blockDim.x;
    const int end = rows.get();
    for (int r = blockIdx.x; r < end; r += gridDim.x) {
        const auto* input = x.packs(r);
        auto* output = y.packs(r);
        pack<T> kept[kept_packs];
        float squares = 0.0f;
#pragma unroll
        for (int k = 0; k < kept_packs; k++) {
            const int p = threadIdx.x + k * blockDim.x;
            if (p < packs) {
                kept[k] = input[p];
                squares += squares_of(kept[k]);
            }
        }

        for (int p = beyond; p < packs; p += blockDim.x) {
            squares += squares_of(input[p]);
        }

        const float square = block_sum(squares, warps) / columns + epsilon;
        const float inverse = isinf(square) ? __int_as_float(0x7fffffff) : 1.0f / sqrtf(square);
#pragma unroll
        for (int k = 0; k < kept_packs; k++) {
            const int p = threadIdx.x + k * blockDim.x;
            if (p < packs) {
                output[p] = scaled(kept[k], inverse, weight + p * pack<T>::size);
            }
        }

        for (int p = beyond; p < packs; p += blockDim.x) {
            output[p] = scaled(input[p], inverse, weight + p * pack<T>::size);
        }

        if (rstd != nullptr && threadIdx.x == 0) {
            rstd[r] = inverse;
        }
    }
}

extern "C" __global__ void __launch_bounds__(block_threads, least_blocks) rms_norm_float32(
    rows_of<const float> x, const float* weight, float epsilon, rows_of<float> y, float* rstd, row_count rows, int columns) {
    rms_norm<float>(x, weight, epsilon, y, rstd, rows, columns);
}

extern "C" __global__ void __launch_bounds__(block_threads, least_blocks) rms_norm_bfloat16(
    rows_of<const bfloat16> x, const float* weight, float epsilon, rows_of<bfloat16> y, float* rstd, row_count rows, int columns) {
    rms_norm<bfloat16>(x, weight, epsilon, y, rstd, rows, columns);
}

// The sum of squares in float64, in an order that depends on the count alone: a block sums a slice, then one block sums the slices.
#include "elements.cuh"

// Mirrors OptimizerKernels.
constexpr int block_threads = 256, slice_numbers = 1 << 15;

// The sum over the block by halves; thread 0 gets it.
__device__ __forceinline__ double block_sum_of(double x) {
    __shared__ double sums[block_threads];
    sums[threadIdx.x] = x;
    __syncthreads();
#pragma unroll
    for (int half = block_threads / 2; half > 0; half /= 2) {
        if (static_cast<int>(threadIdx.x) < half) {
            sums[threadIdx.x] += sums[threadIdx.x + half];
        }

        __syncthreads();
    }

    return sums[0];
}

__device__ __forceinline__ void sum_four(const pack<float>& four, double& sum) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
        sum += static_cast<double>(four.words[k]) * four.words[k];
    }
}

extern "C" __global__ void __launch_bounds__(block_threads) sum_of_squares_slices(const float* x, long long count, double* slices, bool is_packed) {
    const long long first = static_cast<long long>(blockIdx.x) * slice_numbers;
    const float* slice = x + first;
    const int numbers = count - first < slice_numbers ? static_cast<int>(count - first) : slice_numbers;
    double sum = 0.0;
    if (is_packed && numbers == slice_numbers) {
#pragma unroll 8
        for (int i = 4 * threadIdx.x; i < slice_numbers; i += 4 * block_threads) {
            sum_four(*reinterpret_cast<const pack<float>*>(slice + i), sum);
        }
    } else {
        // A thread has the same numbers in the same order as if it could load four at once.
        for (int i = 4 * threadIdx.x; i < numbers; i += 4 * block_threads) {
            pack<float> four;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                four.words[k] = i + k < numbers ? slice[i + k] : 0.0f;
            }

            sum_four(four, sum);
        }
    }

    sum = block_sum_of(sum);
    if (threadIdx.x == 0) {
        slices[blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(block_threads) sum_of_squares_total(const double* slices, int count, double* total) {
    double sum = 0.0;
#pragma unroll 4
    for (int i = threadIdx.x; i < count; i += block_threads) {
        sum += slices[i];
    }

    sum = block_sum_of(sum);
    if (threadIdx.x == 0) {
        *total = sum;
    }
}

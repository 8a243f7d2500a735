// dx = addend + rstd * (dy * weight - x * rstd^2 * mean(dy * weight * x)), and d_weight += sum over rows of dy * x * rstd.
// A block has a group of rows, one after the other, and sums their part of d_weight; then the parts are added in the order of groups.
#include "block_sum.cuh"
#include "units.cuh"

// Columns of a thread: their factors, parts of d_weight and the next row's numbers stay in registers. Mirrors NormKernels.
constexpr int owned_numbers = 8, most_threads = 896;

// Whether the next row's addend is read ahead too: of float32 it would take more registers than there are.
template <typename T>
constexpr bool reads_ahead = sizeof(T) == 2;

// The sum over the block, as every thread gets it: with many warps, a warp sums theirs faster than each thread one after the other. Shared memory has room for
// a number a warp; alternating between two pieces of it needs no barrier beside the one within.
__device__ __forceinline__ float sum_of_warps(float x, float* shared) {
    const float mine = warp_sum(x);
    if (threadIdx.x % 32 == 0) {
        shared[threadIdx.x / 32] = mine;
    }

    __syncthreads();
    return warp_sum(threadIdx.x % 32 < blockDim.x / 32 ? shared[threadIdx.x % 32] : 0.0f);
}

template <typename T>
struct norm_gradient {
    rows_of<T> dy, dx;
    rows_of<const T> x;
    rows_of<T> addend;
};

template <typename U>
__device__ __forceinline__ float products_of(const U& gradient, const U& input, const float (&factors)[U::size]) {
    float g[U::size], x[U::size];
    gradient.get(g);
    input.get(x);
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < U::size; i++) {
        sum += g[i] * factors[i] * x[i];
    }

    return sum;
}

// The gradient of a unit; parts get what its columns add to d_weight.
template <typename U>
__device__ __forceinline__ U change_of(
    const U& gradient, const U& input, const float (&factors)[U::size], const U& added, float inverse, float mean, float (&parts)[U::size]) {
    float g[U::size], x[U::size], result[U::size];
    gradient.get(g);
    input.get(x);
    added.get(result);
    const float pull = inverse * inverse * mean;
#pragma unroll
    for (int i = 0; i < U::size; i++) {
        parts[i] += g[i] * x[i] * inverse;
        result[i] += inverse * (g[i] * factors[i] - x[i] * pull);
    }

    U unit;
    unit.set(result);
    return unit;
}

template <typename T, typename U>
__device__ __forceinline__ void rms_norm_backward_owned(
    const norm_gradient<T>& rows, const float* weight, const float* rstd, float* parts, int first, int end, int columns) {
    __shared__ float warps[2][32];
    constexpr int owned = owned_numbers / U::size;
    const int units = columns / U::size;
    float factors[owned][U::size], sums[owned][U::size] = {};
    U next_gradient[owned] = {}, next_input[owned] = {}, next_added[owned] = {};
    const auto read_added = [&](int r) {
#pragma unroll
        for (int k = 0; k < owned; k++) {
            const int p = threadIdx.x + k * blockDim.x;
            if (p < units && rows.addend.data != nullptr) {
                next_added[k] = units_of<U>(rows.addend, r)[p];
            }
        }
    };
    const auto read = [&](int r) {
#pragma unroll
        for (int k = 0; k < owned; k++) {
            const int p = threadIdx.x + k * blockDim.x;
            if (p < units) {
                next_gradient[k] = units_of<U>(rows.dy, r)[p];
                next_input[k] = units_of<U>(rows.x, r)[p];
            }
        }

        if (reads_ahead<T>) {
            read_added(r);
        }
    };
#pragma unroll
    for (int k = 0; k < owned; k++) {
        const int p = threadIdx.x + k * blockDim.x;
        if (p < units) {
            get_floats(weight + p * U::size, factors[k]);
        } else {
#pragma unroll
            for (int i = 0; i < U::size; i++) {
                factors[k][i] = 0.0f;
            }
        }
    }

    if (first < end) {
        read(first);
    }

    for (int r = first; r < end; r++) {
        U gradient[owned], input[owned], added[owned];
        const float inverse = rstd[r];
        float products = 0.0f;
        if (!reads_ahead<T>) {
            read_added(r);
        }

#pragma unroll
        for (int k = 0; k < owned; k++) {
            gradient[k] = next_gradient[k];
            input[k] = next_input[k];
            added[k] = next_added[k];
        }

        // The next row is on its way while this one's sum is waited for.
        if (r + 1 < end) {
            read(r + 1);
        }

#pragma unroll
        for (int k = 0; k < owned; k++) {
            products += products_of(gradient[k], input[k], factors[k]);
        }

        const float mean = sum_of_warps(products, warps[r % 2]) / columns;
#pragma unroll
        for (int k = 0; k < owned; k++) {
            const int p = threadIdx.x + k * blockDim.x;
            const U change = change_of(gradient[k], input[k], factors[k], added[k], inverse, mean, sums[k]);
            if (p < units) {
                units_of<U>(rows.dx, r)[p] = change;
            }
        }
    }

#pragma unroll
    for (int k = 0; k < owned; k++) {
        const int p = threadIdx.x + k * blockDim.x;
        if (p < units) {
            set_floats(parts + p * U::size, sums[k]);
        }
    }
}

// Rows with more columns than threads can own: they are read twice, and the parts are summed in memory.
template <typename T, typename U>
__device__ __forceinline__ void rms_norm_backward_wide(
    const norm_gradient<T>& rows, const float* weight, const float* rstd, float* parts, int first, int end, int columns) {
    __shared__ float warps[32];
    const int units = columns / U::size;
    for (int p = threadIdx.x; p < units; p += blockDim.x) {
        const float none[U::size] = {};
        set_floats(parts + p * U::size, none);
    }

    for (int r = first; r < end; r++) {
        const U* gradient = units_of<U>(rows.dy, r);
        const U* input = units_of<U>(rows.x, r);
        const float inverse = rstd[r];
        float factors[U::size], sums[U::size];
        float products = 0.0f;
        for (int p = threadIdx.x; p < units; p += blockDim.x) {
            get_floats(weight + p * U::size, factors);
            products += products_of(gradient[p], input[p], factors);
        }

        const float mean = block_sum(products, warps) / columns;
        for (int p = threadIdx.x; p < units; p += blockDim.x) {
            get_floats(weight + p * U::size, factors);
            get_floats(parts + p * U::size, sums);
            U added = {};
            if (rows.addend.data != nullptr) {
                added = units_of<U>(rows.addend, r)[p];
            }

            units_of<U>(rows.dx, r)[p] = change_of(gradient[p], input[p], factors, added, inverse, mean, sums);
            set_floats(parts + p * U::size, sums);
        }
    }
}

template <typename T, typename U>
__device__ __forceinline__ void rms_norm_backward_group(
    const norm_gradient<T>& rows, const float* weight, const float* rstd, float* parts, int first, int end, int columns) {
    if (columns <= owned_numbers * static_cast<int>(blockDim.x)) {
        rms_norm_backward_owned<T, U>(rows, weight, rstd, parts, first, end, columns);
    } else {
        rms_norm_backward_wide<T, U>(rows, weight, rstd, parts, first, end, columns);
    }
}

template <typename T>
__device__ __forceinline__ void rms_norm_backward(
    const norm_gradient<T>& rows, const float* weight, const float* rstd, float* parts, row_count count, int columns, int group_rows, bool is_packed) {
    const int live = count.get();
    const int first = blockIdx.x * group_rows;
    const int end = live - first < group_rows ? live : first + group_rows;
    float* own = parts + static_cast<long long>(blockIdx.x) * columns;
    if (is_packed) {
        rms_norm_backward_group<T, pack<T>>(rows, weight, rstd, own, first, end, columns);
    } else {
        rms_norm_backward_group<T, single<T>>(rows, weight, rstd, own, first, end, columns);
    }
}

extern "C" __global__ void __launch_bounds__(most_threads) rms_norm_backward_float32(
    rows_of<float> dy, rows_of<const float> x, const float* weight, const float* rstd, rows_of<float> dx, rows_of<float> addend, float* parts,
    row_count rows, int columns, int group_rows, bool is_packed) {
    rms_norm_backward<float>({dy, dx, x, addend}, weight, rstd, parts, rows, columns, group_rows, is_packed);
}

extern "C" __global__ void __launch_bounds__(most_threads) rms_norm_backward_bfloat16(
    rows_of<bfloat16> dy, rows_of<const bfloat16> x, const float* weight, const float* rstd, rows_of<bfloat16> dx, rows_of<bfloat16> addend, float* parts,
    row_count rows, int columns, int group_rows, bool is_packed) {
    rms_norm_backward<bfloat16>({dy, dx, x, addend}, weight, rstd, parts, rows, columns, group_rows, is_packed);
}

// d_weight += the parts: of a block's 32 columns each warp sums every 32nd group, then the warps' sums are added in order.
extern "C" __global__ void __launch_bounds__(1024) rms_norm_backward_sum(const float* parts, int groups, float* d_weight, int columns) {
    __shared__ float sums[32][32];
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int column = blockIdx.x * 32 + lane;
    float sum = 0.0f;
    if (column < columns) {
#pragma unroll 8
        for (int group = warp; group < groups; group += 32) {
            sum += parts[static_cast<long long>(group) * columns + column];
        }
    }

    sums[warp][lane] = sum;
    __syncthreads();
    if (warp == 0 && column < columns) {
        float total = 0.0f;
        for (int i = 0; i < 32; i++) {
            total += sums[i][lane];
        }

        d_weight[column] += total;
    }
}

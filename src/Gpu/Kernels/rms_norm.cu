// y = x * rstd * weight, rstd = 1 / sqrt(mean(x * x) + epsilon). Where the mean square is beyond float32 the row becomes NaN.
#include "row_team.cuh"
#include "units.cuh"

// A thread keeps up to 32 numbers of a row in registers between the sum and the product; what a longer row has beyond is read twice.
constexpr int kept_numbers = 32;

// Blocks of a multiprocessor: all rows of a block wait for its slowest, so several rows must be on their way. Bounds the registers a thread.
constexpr int block_threads = 256, least_blocks = 5;

// Reads past the first-level cache, which then keeps the weights.
__device__ __forceinline__ pack<float> read_past(const pack<float>* from) {
    pack<float> unit;
    asm("ld.global.L1::no_allocate.v4.f32 {%0, %1, %2, %3}, [%4];"
        : "=f"(unit.words[0]), "=f"(unit.words[1]), "=f"(unit.words[2]), "=f"(unit.words[3])
        : "l"(from));
    return unit;
}

__device__ __forceinline__ pack<bfloat16> read_past(const pack<bfloat16>* from) {
    pack<bfloat16> unit;
    asm("ld.global.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(unit.words[0]), "=r"(unit.words[1]), "=r"(unit.words[2]), "=r"(unit.words[3])
        : "l"(from));
    return unit;
}

template <typename T>
__device__ __forceinline__ single<T> read_past(const single<T>* from) {
    return *from;
}

template <typename U>
__device__ __forceinline__ float squares_of(const U& input) {
    float x[U::size];
    input.get(x);
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < U::size; i++) {
        sum += x[i] * x[i];
    }

    return sum;
}

template <typename U>
__device__ __forceinline__ U scaled(const U& input, float inverse, const float* weight) {
    float x[U::size], factors[U::size];
    input.get(x);
    get_floats(weight, factors);
#pragma unroll
    for (int i = 0; i < U::size; i++) {
        x[i] *= inverse * factors[i];
    }

    U result;
    result.set(x);
    return result;
}

template <typename T, typename U, bool is_warp>
__device__ __forceinline__ void rms_norm_row(
    rows_of<const T> x, const float* weight, float epsilon, rows_of<T> y, float* rstd, row_count rows, int columns) {
    const row_team<is_warp> team{};
    const int r = team.row();
    if (r >= rows.get()) {
        return;
    }

    constexpr int kept_units = U::size == 1 ? 8 : kept_numbers / U::size;
    const int units = columns / U::size;
    const int beyond = team.rank() + kept_units * team.size();
    const U* input = units_of<U>(x, r);
    U* output = units_of<U>(y, r);
    U kept[kept_units];
    float squares = 0.0f;
#pragma unroll
    for (int k = 0; k < kept_units; k++) {
        const int p = team.rank() + k * team.size();
        if (p < units) {
            kept[k] = read_past(input + p);
        }
    }

#pragma unroll
    for (int k = 0; k < kept_units; k++) {
        if (team.rank() + k * team.size() < units) {
            squares += squares_of(kept[k]);
        }
    }

    for (int p = beyond; p < units; p += team.size()) {
        squares += squares_of(input[p]);
    }

    const float square = team.sum(squares) / columns + epsilon;
    const float inverse = isinf(square) ? __int_as_float(0x7fffffff) : 1.0f / sqrtf(square);
#pragma unroll
    for (int k = 0; k < kept_units; k++) {
        const int p = team.rank() + k * team.size();
        if (p < units) {
            output[p] = scaled(kept[k], inverse, weight + p * U::size);
        }
    }

    for (int p = beyond; p < units; p += team.size()) {
        output[p] = scaled(input[p], inverse, weight + p * U::size);
    }

    if (rstd != nullptr && team.rank() == 0) {
        rstd[r] = inverse;
    }
}

template <typename T>
__device__ __forceinline__ void rms_norm(
    rows_of<const T> x, const float* weight, float epsilon, rows_of<T> y, float* rstd, row_count rows, int columns, bool is_packed, bool is_warp) {
    if (is_packed && is_warp) {
        rms_norm_row<T, pack<T>, true>(x, weight, epsilon, y, rstd, rows, columns);
    } else if (is_packed) {
        rms_norm_row<T, pack<T>, false>(x, weight, epsilon, y, rstd, rows, columns);
    } else if (is_warp) {
        rms_norm_row<T, single<T>, true>(x, weight, epsilon, y, rstd, rows, columns);
    } else {
        rms_norm_row<T, single<T>, false>(x, weight, epsilon, y, rstd, rows, columns);
    }
}

extern "C" __global__ void __launch_bounds__(block_threads, least_blocks) rms_norm_float32(
    rows_of<const float> x, const float* weight, float epsilon, rows_of<float> y, float* rstd, row_count rows, int columns, bool is_packed, bool is_warp) {
    rms_norm<float>(x, weight, epsilon, y, rstd, rows, columns, is_packed, is_warp);
}

extern "C" __global__ void __launch_bounds__(block_threads, least_blocks) rms_norm_bfloat16(
    rows_of<const bfloat16> x, const float* weight, float epsilon, rows_of<bfloat16> y, float* rstd, row_count rows, int columns, bool is_packed, bool is_warp) {
    rms_norm<bfloat16>(x, weight, epsilon, y, rstd, rows, columns, is_packed, is_warp);
}

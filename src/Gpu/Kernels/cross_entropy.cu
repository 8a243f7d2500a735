// losses[t] = logsumexp(logits[t]) - logits[t, targets[t]], d_logits = scale * (softmax - one-hot); 0 where the target is -1. A block a row: the
// largest logit and the sum of exponentials in one pass, the gradient in another, which finds the row in the second-level cache.
#include "block_sum.cuh"
#include "units.cuh"

constexpr int block_threads = 512, least_blocks = 2;

// Units that a thread has on their way at once.
constexpr int depth = 4;

// Below every logit, but finite: minus infinity less itself would be NaN.
constexpr float lowest = -3.4e38f;

// exp(x), x at most 0.
template <typename T>
struct exponential;

template <>
struct exponential<float> {
    static __device__ __forceinline__ float of(float x) { return expf(x); }
};

// Right to 2^-22: far below what bfloat16 keeps, and a fraction of the instructions.
template <>
struct exponential<bfloat16> {
    static __device__ __forceinline__ float of(float x) {
        float y;
        asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x * 1.44269504f));
        return y;
    }
};

// What a thread knows of the logits that it has seen.
struct softmax_state {
    float largest, sum;
    // 0, or NaN where a logit is not finite: of minus infinity nothing else shows, its share is 0.
    float finite;

    template <typename T>
    __device__ __forceinline__ void merge(const softmax_state& other) {
        const float both = fmaxf(largest, other.largest);
        sum = sum * exponential<T>::of(largest - both) + other.sum * exponential<T>::of(other.largest - both);
        largest = both;
        finite += other.finite;
    }
};

template <typename T, typename U>
__device__ __forceinline__ softmax_state state_of(const U* logits, int units) {
    softmax_state state = {lowest, 0.0f, 0.0f};
    for (int first = threadIdx.x; first < units; first += depth * blockDim.x) {
        U held[depth];
#pragma unroll
        for (int k = 0; k < depth; k++) {
            const int p = first + k * static_cast<int>(blockDim.x);
            // What is not there changes nothing when it is seen twice, but for the sum.
            held[k] = logits[p < units ? p : first];
        }

        float x[U::size];
        float largest = state.largest;
#pragma unroll
        for (int k = 0; k < depth; k++) {
            held[k].get(x);
#pragma unroll
            for (int i = 0; i < U::size; i++) {
                largest = fmaxf(largest, x[i]);
                state.finite += x[i] * 0.0f;
            }
        }

        if (largest > state.largest) {
            state.sum *= exponential<T>::of(state.largest - largest);
            state.largest = largest;
        }

#pragma unroll
        for (int k = 0; k < depth; k++) {
            if (first + k * static_cast<int>(blockDim.x) < units) {
                float sum = 0.0f;
                held[k].get(x);
#pragma unroll
                for (int i = 0; i < U::size; i++) {
                    sum += exponential<T>::of(x[i] - largest);
                }

                state.sum += sum;
            }
        }
    }

    return state;
}

// The state of all threads, in one order: within warps by halves, then warp after warp.
template <typename T>
__device__ __forceinline__ softmax_state block_state(softmax_state state) {
    __shared__ softmax_state warps[32];
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        softmax_state other;
        other.largest = __shfl_xor_sync(0xffffffffu, state.largest, distance);
        other.sum = __shfl_xor_sync(0xffffffffu, state.sum, distance);
        other.finite = __shfl_xor_sync(0xffffffffu, state.finite, distance);
        state.merge<T>(other);
    }

    if (threadIdx.x % 32 == 0) {
        warps[threadIdx.x / 32] = state;
    }

    __syncthreads();
    state = warps[0];
    for (int warp = 1; warp < static_cast<int>(blockDim.x / 32); warp++) {
        state.merge<T>(warps[warp]);
    }

    return state;
}

template <typename T, typename U>
__device__ __forceinline__ void cross_entropy_row(rows_of<T> logits, int target, float scale, float* loss, rows_of<T> d_logits, int r, int columns) {
    const int units = columns / U::size;
    const U* input = units_of<U>(logits, r);
    U* output = d_logits.data == nullptr ? nullptr : units_of<U>(d_logits, r);
    if (target < 0) {
        if (threadIdx.x == 0) {
            *loss = 0.0f;
        }

        for (int p = threadIdx.x; output != nullptr && p < units; p += blockDim.x) {
            output[p] = U{};
        }

        return;
    }

    // Read before the gradient is written: it may take the logits' place.
    float likely[U::size];
    input[target / U::size].get(likely);
    const softmax_state state = block_state<T>(state_of<T>(input, units));
    if (threadIdx.x == 0) {
        float chosen = likely[0];
#pragma unroll
        for (int i = 1; i < U::size; i++) {
            chosen = target % U::size == i ? likely[i] : chosen;
        }

        *loss = state.largest - chosen + logf(state.sum) + state.finite;
    }

    if (output == nullptr) {
        return;
    }

    const float share = scale / state.sum;
    for (int first = threadIdx.x; first < units; first += depth * blockDim.x) {
        U held[depth];
#pragma unroll
        for (int k = 0; k < depth; k++) {
            const int p = first + k * static_cast<int>(blockDim.x);
            held[k] = input[p < units ? p : first];
        }

#pragma unroll
        for (int k = 0; k < depth; k++) {
            const int p = first + k * static_cast<int>(blockDim.x);
            if (p < units) {
                float x[U::size];
                held[k].get(x);
#pragma unroll
                for (int i = 0; i < U::size; i++) {
                    x[i] = exponential<T>::of(x[i] - state.largest) * share;
                    x[i] -= p * U::size + i == target ? scale : 0.0f;
                }

                U result;
                result.set(x);
                output[p] = result;
            }
        }
    }
}

template <typename T>
__device__ __forceinline__ void cross_entropy(
    rows_of<T> logits, const int* targets, float scale, float* losses, rows_of<T> d_logits, row_count rows, int columns, bool is_packed) {
    const int r = blockIdx.x;
    if (r >= rows.get()) {
        return;
    }

    if (is_packed) {
        cross_entropy_row<T, pack<T>>(logits, targets[r], scale, losses + r, d_logits, r, columns);
    } else {
        cross_entropy_row<T, single<T>>(logits, targets[r], scale, losses + r, d_logits, r, columns);
    }
}

extern "C" __global__ void __launch_bounds__(block_threads, least_blocks) cross_entropy_float32(
    rows_of<float> logits, const int* targets, float scale, float* losses, rows_of<float> d_logits, row_count rows, int columns, bool is_packed) {
    cross_entropy<float>(logits, targets, scale, losses, d_logits, rows, columns, is_packed);
}

extern "C" __global__ void __launch_bounds__(block_threads, least_blocks) cross_entropy_bfloat16(
    rows_of<bfloat16> logits, const int* targets, float scale, float* losses, rows_of<bfloat16> d_logits, row_count rows, int columns, bool is_packed) {
    cross_entropy<bfloat16>(logits, targets, scale, losses, d_logits, rows, columns, is_packed);
}

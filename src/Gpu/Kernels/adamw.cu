// One AdamW step in PyTorch's order of operations; values and both moments, float32 or bfloat16, are updated in place, and where there is one the values' bfloat16
// copy is written with them. Moments of bfloat16 are rounded where they are stored.
#include "units.cuh"

// Mirrors Actors.Gpu.Operations.AdamWFactors.
struct adamw_factors {
    float gradient_scale, keep, first_rate, second_decay, second_rate, second_root, epsilon, step_size;
};

template <typename M>
struct adamw_tensors {
    float* values;
    M *first, *second;
    const float* gradient;
    bfloat16* rounded;
};

// Four numbers, or one, from bfloat16.
template <int size>
__device__ __forceinline__ void get_floats(const bfloat16* from, float (&x)[size]) {
    if constexpr (size == 1) {
        x[0] = load(from);
    } else {
#pragma unroll
        for (int i = 0; i < size; i += 2) {
            const unsigned pair = reinterpret_cast<const unsigned*>(from)[i / 2];
            x[i] = __uint_as_float(pair << 16);
            x[i + 1] = __uint_as_float(pair & 0xffff0000u);
        }
    }
}

// Four numbers, or one, as bfloat16.
template <int size>
__device__ __forceinline__ void set_floats(bfloat16* to, const float (&x)[size]) {
    if constexpr (size == 1) {
        store(to, x[0]);
    } else {
#pragma unroll
        for (int i = 0; i < size; i += 2) {
            store_pair(to + i, x[i], x[i + 1]);
        }
    }
}

template <typename U, typename M>
__device__ __forceinline__ void adamw_units(const adamw_tensors<M>& tensors, long long begin, long long count, const adamw_factors& factors) {
    const long long units = (count - begin) / U::size;
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < units; i += step) {
        const long long at = begin + i * U::size;
        float value[U::size], first[U::size], second[U::size], gradient[U::size];
        get_floats(tensors.values + at, value);
        get_floats(tensors.first + at, first);
        get_floats(tensors.second + at, second);
        get_floats(tensors.gradient + at, gradient);
#pragma unroll
        for (int k = 0; k < U::size; k++) {
            const float g = gradient[k] * factors.gradient_scale;
            first[k] += factors.first_rate * (g - first[k]);
            second[k] = second[k] * factors.second_decay + factors.second_rate * g * g;
            const float root = sqrtf(second[k]) / factors.second_root + factors.epsilon;
            value[k] = value[k] * factors.keep - factors.step_size * (first[k] / root);
        }

        set_floats(tensors.values + at, value);
        set_floats(tensors.first + at, first);
        set_floats(tensors.second + at, second);
        if (tensors.rounded != nullptr) {
            set_floats(tensors.rounded + at, value);
        }
    }
}

template <typename M>
__device__ __forceinline__ void adamw_all(const adamw_tensors<M>& tensors, long long count, const adamw_factors& factors, bool is_packed) {
    if (is_packed) {
        adamw_units<pack<float>>(tensors, 0, count, factors);
        adamw_units<single<float>>(tensors, count / 4 * 4, count, factors);
    } else {
        adamw_units<single<float>>(tensors, 0, count, factors);
    }
}

extern "C" __global__ void adamw(
    float* values, const float* gradient, float* first, float* second, bfloat16* rounded, long long count, adamw_factors factors, bool is_packed) {
    adamw_all<float>({values, first, second, gradient, rounded}, count, factors, is_packed);
}

extern "C" __global__ void adamw_rounded_moments(
    float* values, const float* gradient, bfloat16* first, bfloat16* second, bfloat16* rounded, long long count, adamw_factors factors, bool is_packed) {
    adamw_all<bfloat16>({values, first, second, gradient, rounded}, count, factors, is_packed);
}

// One AdamW step in PyTorch's order of operations; values and both moments are updated in place, and where there is one the values' bfloat16 copy is
// written with them.
#include "units.cuh"

// Mirrors Actors.Gpu.Operations.AdamWFactors.
struct adamw_factors {
    float gradient_scale, keep, first_rate, second_decay, second_rate, second_root, epsilon, step_size;
};

struct adamw_tensors {
    float *values, *first, *second;
    const float* gradient;
    bfloat16* rounded;
};

// Four values, or one, as bfloat16.
template <int size>
__device__ __forceinline__ void round_floats(bfloat16* to, const float (&x)[size]) {
    if constexpr (size == 1) {
        store(to, x[0]);
    } else {
#pragma unroll
        for (int i = 0; i < size; i += 2) {
            store_pair(to + i, x[i], x[i + 1]);
        }
    }
}

template <typename U>
__device__ __forceinline__ void adamw_units(const adamw_tensors& tensors, long long begin, long long count, const adamw_factors& factors) {
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
            round_floats(tensors.rounded + at, value);
        }
    }
}

extern "C" __global__ void adamw(
    float* values, const float* gradient, float* first, float* second, bfloat16* rounded, long long count, adamw_factors factors, bool is_packed) {
    const adamw_tensors tensors = {values, first, second, gradient, rounded};
    if (is_packed) {
        adamw_units<pack<float>>(tensors, 0, count, factors);
        adamw_units<single<float>>(tensors, count / 4 * 4, count, factors);
    } else {
        adamw_units<single<float>>(tensors, 0, count, factors);
    }
}

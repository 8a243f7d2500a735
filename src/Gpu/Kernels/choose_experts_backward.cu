// The gradient of a token's logits, a warp a token: zero where an expert was not chosen, and for a token whose choices were dropped.
#include "gate.cuh"

extern "C" __global__ void choose_experts_backward(
    rows_of<const float> d_weights, rows_of<const int> experts, rows_of<const float> scores, rows_of<float> d_logits, row_count rows, int columns,
    gate_shape gate, int packed) {
    const int lane = threadIdx.x % 32, end = rows.get(), step = gridDim.x * (blockDim.x / 32);
    for (int token = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; token < end; token += step) {
        const float* gradient = d_weights.data + token * d_weights.stride;
        const int* chosen = experts.data + token * experts.stride;
        const float* score = scores.data + token * scores.stride;
        float* result = d_logits.data + token * d_logits.stride;
        const bool chose = chosen[0] >= 0;
        float sum = 0.0f, product = 0.0f;
        if (gate.normalize && chose) {
            for (int k = 0; k < gate.experts_kept; k++) {
                const float value = score[chosen[k]];
                sum += value;
                product += gradient[k] * value;
            }

            sum += 1e-20f;
        }

        if (packed) {
            pack<float> zeros;
            const float none[4] = {};
            zeros.set(none);
            for (int p = lane; p < columns / 4; p += 32) {
                reinterpret_cast<pack<float>*>(result)[p] = zeros;
            }
        } else {
            for (int e = lane; e < columns; e += 32) {
                result[e] = 0.0f;
            }
        }

        __syncwarp();
        for (int k = lane; chose && k < gate.experts_kept; k += 32) {
            const float value = score[chosen[k]];
            const float d_score = gate.normalize ? (gradient[k] - product / sum) / sum : gradient[k];
            result[chosen[k]] = gate.scaling * d_score * value * (1.0f - value);
        }

        __syncwarp();
    }
}

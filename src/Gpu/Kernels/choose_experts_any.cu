// The gate for any number of experts and groups, a block a token. A rank is an expert's or group's number beside its order: all differ, the lower index is the
// greater of two equals, so that what comes after a choice is what ranks below it.
#include "gate.cuh"

__device__ __forceinline__ unsigned long long rank_of(unsigned order, int index) {
    return static_cast<unsigned long long>(min(order, 0xfffffffeu)) << 32 | ~static_cast<unsigned>(index);
}

__device__ __forceinline__ unsigned long long block_largest(unsigned long long mine, unsigned long long* shared) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        mine = max(mine, __shfl_xor_sync(all_lanes, mine, distance));
    }

    if (threadIdx.x % 32 == 0) {
        shared[threadIdx.x / 32] = mine;
    }

    __syncthreads();
    for (unsigned warp = 0; warp < blockDim.x / 32; warp++) {
        mine = max(mine, shared[warp]);
    }

    __syncthreads();
    return mine;
}

// The order of a group's score.
__device__ __forceinline__ unsigned group_order(const float* scores, const float* bias, int first, int size) {
    float largest = -infinity(), second = -infinity();
    for (int e = first; e < first + size; e++) {
        const float corrected = scores[e] + bias[e];
        second = fmaxf(second, fminf(largest, corrected));
        largest = fmaxf(largest, corrected);
    }

    return order_of(size == 1 ? largest : largest + second);
}

extern "C" __global__ void choose_experts_any(
    rows_of<const float> logits, const float* bias, rows_of<float> scores, rows_of<int> experts, rows_of<float> weights, row_count rows, int columns,
    gate_shape gate, unsigned* group_orders) {
    __shared__ unsigned long long shared[32];
    const int end = rows.get(), group_size = columns / gate.groups;
    for (int token = blockIdx.x; token < end; token += gridDim.x) {
        const float* input = logits.data + token * logits.stride;
        float* score = scores.data + token * scores.stride;
        int* chosen = experts.data + token * experts.stride;
        unsigned* orders = group_orders + static_cast<long long>(blockIdx.x) * gate.groups;
        float flaw = 0.0f;
        for (int e = threadIdx.x; e < columns; e += blockDim.x) {
            const float x = input[e], s = sigmoid(x);
            flaw = watch(s + bias[e], watch(x, flaw));
            score[e] = s;
        }

        const bool is_flawed = block_largest(flaw != 0.0f, shared) != 0;
        unsigned long long least = ~0ull;
        if (gate.groups_kept < gate.groups) {
            for (int g = threadIdx.x; g < gate.groups; g += blockDim.x) {
                orders[g] = group_order(score, bias, g * group_size, group_size);
            }

            __syncthreads();
            for (int k = 0; k < gate.groups_kept; k++) {
                unsigned long long best = 0;
                for (int g = threadIdx.x; g < gate.groups; g += blockDim.x) {
                    const unsigned long long rank = rank_of(orders[g], g);
                    best = rank < least ? max(best, rank) : best;
                }

                least = block_largest(best, shared);
            }
        } else {
            least = 0;
        }

        unsigned long long before = ~0ull;
        float sum = 0.0f;
        for (int k = 0; k < gate.experts_kept; k++) {
            unsigned long long best = 0;
            for (int e = threadIdx.x; e < columns; e += blockDim.x) {
                const unsigned long long rank = rank_of(order_of(score[e] + bias[e]), e);
                if (rank < before && rank > best && (least == 0 || rank_of(orders[e / group_size], e / group_size) >= least)) {
                    best = rank;
                }
            }

            before = block_largest(best, shared);
            const int expert = static_cast<int>(~static_cast<unsigned>(before));
            sum += score[expert];
            if (threadIdx.x == 0) {
                chosen[k] = expert;
            }
        }

        __syncthreads();
        for (int k = threadIdx.x; k < gate.experts_kept; k += blockDim.x) {
            const float weight = weight_of(gate, score[chosen[k]], sum);
            weights.data[token * weights.stride + k] = is_flawed ? not_a_number() : weight;
        }

        // The next token's groups take the place of these.
        __syncthreads();
    }
}

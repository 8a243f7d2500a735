// The gate of few rows of bfloat16: norm and product, see linear_few.cuh, whose last block chooses, a warp a row.
#include "gate.cuh"
#include "last_block.cuh"
#include "linear_few.cuh"

// Mirrors Actors.Gpu.Operations.FewRowKernels.
struct few_gate {
    few_product product;     // its result is the scores (rows, experts), float32
    const float* bias;       // (experts)
    rows_of<int> experts;    // (rows, kept)
    rows_of<float> weights;  // (rows, kept)
    int* counter;            // of blocks that are done; 0 before and after
    gate_shape rule;
};

// Which groups are kept, a bit each; a group is looked at by as many lanes as there are for each, a power of two. All lanes of a warp.
__device__ __forceinline__ unsigned kept_groups(const float* corrected, const gate_shape& rule, int experts) {
    int lanes = 32;
    while (lanes * rule.groups > 32) {
        lanes /= 2;
    }

    const int lane = threadIdx.x % 32, group = lane / lanes, size = experts / rule.groups;
    float first = -infinity(), second = -infinity();
    for (int e = lane % lanes; e < size && group < rule.groups; e += lanes) {
        const float x = corrected[group * size + e];
        second = fmaxf(second, fminf(first, x));
        first = fmaxf(first, x);
    }

    for (int distance = 1; distance < lanes; distance *= 2) {
        const float other = __shfl_xor_sync(all_lanes, first, distance), lower = __shfl_xor_sync(all_lanes, second, distance);
        second = fmaxf(fminf(first, other), fmaxf(second, lower));
        first = fmaxf(first, other);
    }

    // From here on a lane has the group of its number.
    const unsigned score = __shfl_sync(all_lanes, order_of(size == 1 ? first : first + second), lane * lanes);
    int better = 0;
    for (int other = 0; other < rule.groups; other++) {
        const unsigned rival = __shfl_sync(all_lanes, score, other);
        better += rival > score || (rival == score && other < lane);
    }

    return __ballot_sync(all_lanes, lane < rule.groups && better < rule.groups_kept);
}

// The largest of a lane's experts, of equals the lowest: every 32nd is its own.
__device__ __forceinline__ int best_of_lane(const unsigned* orders, int experts) {
    int best = threadIdx.x % 32;
    for (int e = best + 32; e < experts; e += 32) {
        best = orders[e] > orders[best] ? e : best;
    }

    return best;
}

// A row's choice by a warp, from its logits, whose place the scores take. Shared memory has room for two numbers an expert.
__device__ __forceinline__ void choose_of_few(const few_gate& gate, int row, float* shared) {
    const int lane = threadIdx.x % 32, experts = gate.product.columns, size = experts / gate.rule.groups;
    float* const logits = static_cast<float*>(gate.product.result) + row * gate.product.result_stride;
    float *const scores = shared, *const corrected = shared + experts, flaw = 0.0f;
    for (int e = lane; e < experts; e += 32) {
        const float x = logits[e], s = sigmoid(x), c = s + gate.bias[e];
        flaw = watch(c, watch(x, flaw));
        logits[e] = scores[e] = s;
        corrected[e] = c;
    }

    __syncwarp();
    const unsigned kept = gate.rule.groups_kept == gate.rule.groups ? all_lanes : kept_groups(corrected, gate.rule, experts);
    // The orders take the place of what they order; 0 is what cannot be chosen.
    unsigned* const orders = reinterpret_cast<unsigned*>(corrected);
    __syncwarp();
    for (int e = lane; e < experts; e += 32) {
        orders[e] = kept >> (e / size) & 1 ? order_of(corrected[e]) : 0;
    }

    int best = best_of_lane(orders, experts), expert = 0;
    for (int k = 0; k < gate.rule.experts_kept; k++) {
        const unsigned own = best < experts ? orders[best] : 0, top = __reduce_max_sync(all_lanes, own);
        const int chosen = static_cast<int>(~__reduce_max_sync(all_lanes, own == top && best < experts ? ~static_cast<unsigned>(best) : 0));
        expert = lane == k ? chosen : expert;
        if (best == chosen) {
            orders[best] = 0;
            best = best_of_lane(orders, experts);
        }
    }

    float weight = lane < gate.rule.experts_kept ? scores[expert] : 0.0f;
    const float sum = warp_sum(weight);
    const bool is_flawed = __ballot_sync(all_lanes, flaw != 0.0f) != 0;
    if (lane < gate.rule.experts_kept) {
        weight = weight_of(gate.rule, weight, sum);
        gate.experts.data[row * gate.experts.stride + lane] = expert;
        gate.weights.data[row * gate.weights.stride + lane] = is_flawed ? not_a_number() : weight;
    }
}

template <int most_rows>
__device__ __forceinline__ void gate_few(const few_gate& gate) {
    extern __shared__ pack<bfloat16> few_inputs[];
    const column_blocks blocks = {static_cast<int>(blockIdx.x), static_cast<int>(gridDim.x)};
    linear_few<most_rows>(gate.product, blocks, product_output{gate.product, 0.0f});
    const int row = threadIdx.x / 32;
    if (is_last_block(gate.counter, blocks.count) && row < gate.product.rows) {
        choose_of_few(gate, row, reinterpret_cast<float*>(few_inputs) + row * 2 * gate.product.columns);
    }
}

extern "C" __global__ void __launch_bounds__(few_threads) gate_few_1(few_gate gate) {
    gate_few<1>(gate);
}

extern "C" __global__ void __launch_bounds__(few_threads) gate_few_8(few_gate gate) {
    gate_few<8>(gate);
}

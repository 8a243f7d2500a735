// Feed-forwards of few rows of bfloat16, without an order of rows by expert: y = addend + the sum over a row's choices of weight * down(silu(gate x) * up x),
// each by the expert that it names, or all by the one that there is. Two kernels, a warp an inner or an output column: reading the weights is what bounds them.
#include "block_sum.cuh"
#include "scalars.cuh"

constexpr int few_threads = 256, few_warps = few_threads / 32, batch = 4;

// Mirrors Actors.Gpu.Operations.FewRowKernels. A choice of -1 is another rank's.
struct few_experts {
    rows_of<const bfloat16> x;          // (rows, depth)
    rows_of<const int> experts;         // (rows, choices), or at address 0
    rows_of<const float> weights;       // (rows, choices), or at address 0: 1
    rows_of<const bfloat16> gate_up;    // (experts * 2 inner, depth), an expert's gate rows, then its up rows
    rows_of<const bfloat16> down;       // (experts * outputs, inner)
    rows_of<const bfloat16> addend;     // (rows, outputs), or at address 0
    rows_of<bfloat16> y;                // (rows, outputs)
    bfloat16* activated;                // (rows * choices, inner)
    int rows, choices, depth, inner, outputs;
};

__device__ __forceinline__ float dot(const pack<bfloat16>& a, const pack<bfloat16>& b) {
    float x[8], y[8], sum = 0.0f;
    a.get(x);
    b.get(y);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        sum = fmaf(x[i], y[i], sum);
    }

    return sum;
}

// activated = silu(gate x) * up x. A block's second number is its choice.
extern "C" __global__ void __launch_bounds__(few_threads) experts_few_activate(few_experts work) {
    const int choice = blockIdx.y, row = choice / work.choices, lane = threadIdx.x % 32, column = blockIdx.x * few_warps + threadIdx.x / 32;
    const int expert = work.experts.data == nullptr ? 0 : work.experts.data[row * work.experts.stride + choice % work.choices];
    if (expert < 0 || column >= work.inner) {
        return;
    }

    const long long first = static_cast<long long>(expert) * 2 * work.inner + column;
    const auto *gates = work.gate_up.packs(first), *ups = work.gate_up.packs(first + work.inner), *inputs = work.x.packs(row);
    const int packs = work.depth / 8;
    float gate = 0.0f, up = 0.0f;
    for (int at = lane; at < packs; at += 32 * batch) {
        pack<bfloat16> g[batch], u[batch], x[batch];
#pragma unroll
        for (int i = 0; i < batch; i++) {
            const bool is_there = at + i * 32 < packs;
            g[i] = is_there ? gates[at + i * 32] : pack<bfloat16>{};
            u[i] = is_there ? ups[at + i * 32] : pack<bfloat16>{};
            x[i] = is_there ? inputs[at + i * 32] : pack<bfloat16>{};
        }

#pragma unroll
        for (int i = 0; i < batch; i++) {
            gate += dot(g[i], x[i]);
            up += dot(u[i], x[i]);
        }
    }

    gate = warp_sum(gate);
    up = warp_sum(up);
    if (lane == 0) {
        store(work.activated + static_cast<long long>(choice) * work.inner + column, up * (gate / (1.0f + expf(-gate))));
    }
}

// y = addend + the weighted sum of the choices' down products, in the order of choices.
extern "C" __global__ void __launch_bounds__(few_threads) experts_few_sum(few_experts work) {
    const int row = blockIdx.y, lane = threadIdx.x % 32, column = blockIdx.x * few_warps + threadIdx.x / 32;
    if (column >= work.outputs) {
        return;
    }

    // A lane has the number and the weight of a choice.
    const bool is_choice = lane < work.choices;
    const int chosen = !is_choice ? -1 : work.experts.data == nullptr ? 0 : work.experts.data[row * work.experts.stride + lane];
    const float factor = chosen < 0 ? 0.0f : work.weights.data == nullptr ? 1.0f : work.weights.data[row * work.weights.stride + lane];
    const pack<bfloat16>* activated = reinterpret_cast<const pack<bfloat16>*>(work.activated + static_cast<long long>(row) * work.choices * work.inner);
    const int packs = work.inner / 8;
    float sum = 0.0f;
    for (int first = 0; first < work.choices; first += batch) {
        float sums[batch] = {};
        for (int base = 0; base < packs; base += 64) {
            const int at = base + lane;
            pack<bfloat16> weight[batch][2], x[batch][2];
#pragma unroll
            for (int i = 0; i < batch; i++) {
                const int choice = first + i, expert = __shfl_sync(all_lanes, chosen, choice);
#pragma unroll
                for (int half = 0; half < 2; half++) {
                    const bool is_there = expert >= 0 && choice < work.choices && at + 32 * half < packs;
                    weight[i][half] = is_there ? work.down.packs(static_cast<long long>(expert) * work.outputs + column)[at + 32 * half] : pack<bfloat16>{};
                    x[i][half] = is_there ? activated[choice * packs + at + 32 * half] : pack<bfloat16>{};
                }
            }

#pragma unroll
            for (int i = 0; i < batch; i++) {
                sums[i] += dot(weight[i][0], x[i][0]) + dot(weight[i][1], x[i][1]);
            }
        }

#pragma unroll
        for (int i = 0; i < batch; i++) {
            sum = fmaf(__shfl_sync(all_lanes, factor, first + i), warp_sum(sums[i]), sum);
        }
    }

    if (lane == 0) {
        sum += work.addend.data == nullptr ? 0.0f : load(work.addend.data + row * work.addend.stride + column);
        store(work.y.data + row * work.y.stride + column, sum);
    }
}

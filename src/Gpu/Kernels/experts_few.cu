// Feed-forwards of few rows of bfloat16, without an order of rows by expert: y = addend + (the sum over a row's choices of weight * down(silu(gate x) * up x) +
// that of an expert that all rows share). A term is a choice, or the shared expert, which is the last. Two kernels: reading the weights is what bounds them.
#include "block_sum.cuh"
#include "scalars.cuh"

constexpr int few_threads = 256, few_warps = few_threads / 32, batch = 4;

// Mirrors Actors.Gpu.Operations.FewRowKernels: output columns of a block, packs of a column that a warp sums at once, most warps.
constexpr int sum_columns = 8, segment_packs = 64, most_sum_warps = 16, most_choices = 32;

// An expert's gate rows, then its up rows (experts * 2 inner, depth), and its down projection (experts * outputs, inner).
struct expert_weights {
    rows_of<const bfloat16> gate_up, down;
    int inner;
};

// Mirrors Actors.Gpu.Operations.FewRowKernels. A choice of -1 is another rank's.
struct few_experts {
    rows_of<const bfloat16> x;        // (rows, depth)
    rows_of<const int> experts;       // (rows, choices)
    rows_of<const float> weights;     // (rows, choices)
    expert_weights routed, shared;    // of no shared expert inner is 0
    rows_of<const bfloat16> addend;   // (rows, outputs), or at address 0
    rows_of<bfloat16> y;              // (rows, outputs)
    bfloat16* activated;              // (rows, activated_columns())
    int rows, choices, depth, outputs;
    int prefetches;                   // whether the second kernel's weights fit the second-level cache

    __device__ __forceinline__ int activated_columns() const {
        return choices * routed.inner + shared.inner;
    }

    // Number by number, since parameters have no address to choose by.
    __device__ __forceinline__ expert_weights weights_of(int term) const {
        const bool is_routed = term < choices;
        return {
            {is_routed ? routed.gate_up.data : shared.gate_up.data, is_routed ? routed.gate_up.stride : shared.gate_up.stride},
            {is_routed ? routed.down.data : shared.down.data, is_routed ? routed.down.stride : shared.down.stride},
            is_routed ? routed.inner : shared.inner};
    }

    // The expert of a row's term, by its number among the weights.
    __device__ __forceinline__ int expert_of(int row, int term) const {
        return term < choices ? experts.data[row * experts.stride + term] : 0;
    }
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

// Brings a block's share of an expert's down projection to the second-level cache: memory would rest until the second kernel has begun.
__device__ __forceinline__ void prefetch_down(const expert_weights& weights, int expert, int outputs, int blocks) {
    constexpr int line = 128 / sizeof(bfloat16);
    const bfloat16* const down = weights.down.data + static_cast<long long>(expert) * outputs * weights.down.stride;
    const long long elements = outputs * weights.down.stride;
    for (long long at = (static_cast<long long>(blockIdx.x) * few_threads + threadIdx.x) * line; at < elements; at += static_cast<long long>(blocks) * few_threads * line) {
        prefetch_line(down + at);
    }
}

// activated = silu(gate x) * up x, a warp an inner column. A block's second number is its row and term; its row is in shared memory.
extern "C" __global__ void __launch_bounds__(few_threads, 4) experts_few_activate(few_experts work) {
    extern __shared__ pack<bfloat16> row_packs[];
    const int terms = work.choices + (work.shared.inner > 0 ? 1 : 0), row = blockIdx.y / terms, term = blockIdx.y % terms, lane = threadIdx.x % 32;
    const expert_weights weights = work.weights_of(term);
    const int column = blockIdx.x * few_warps + threadIdx.x / 32, expert = work.expert_of(row, term), packs = work.depth / 8;
    if (expert < 0 || static_cast<int>(blockIdx.x) * few_warps >= weights.inner) {
        return;
    }

    const bool is_column = column < weights.inner;
    const long long first_row = static_cast<long long>(expert) * 2 * weights.inner + column;
    const auto *gates = weights.gate_up.packs(first_row), *ups = weights.gate_up.packs(first_row + weights.inner);
    pack<bfloat16> g[batch], u[batch];
    const auto bring = [&](int first) {
#pragma unroll
        for (int i = 0; i < batch; i++) {
            const int at = first + i * 32 + lane;
            const bool is_there = is_column && at < packs;
            g[i] = is_there ? gates[at] : pack<bfloat16>{};
            u[i] = is_there ? ups[at] : pack<bfloat16>{};
        }
    };
    bring(0);
    const auto* x = work.x.packs(row);
    for (int p = threadIdx.x; p < packs; p += few_threads) {
        row_packs[p] = x[p];
    }

    __syncthreads();
    float gate = 0.0f, up = 0.0f;
    for (int first = 0; first < packs; first += 32 * batch) {
#pragma unroll
        for (int i = 0; i < batch; i++) {
            const int at = first + i * 32 + lane;
            if (at < packs) {
                const pack<bfloat16> numbers = row_packs[at];
                gate += dot(g[i], numbers);
                up += dot(u[i], numbers);
            }
        }

        if (first + 32 * batch < packs) {
            bring(first + 32 * batch);
        }
    }

    if (work.prefetches) {
        prefetch_down(weights, expert, work.outputs, (weights.inner + few_warps - 1) / few_warps);
    }

    gate = warp_sum(gate);
    up = warp_sum(up);
    if (lane == 0 && is_column) {
        bfloat16* const activated = work.activated + static_cast<long long>(row) * work.activated_columns() + term * work.routed.inner;
        store(activated + column, up * (gate / (1.0f + expf(-gate))));
    }
}

// y = addend + (the weighted sum of the choices' down products, in their order, + the shared one). A term's inner columns are cut into segments; a warp takes a
// segment for all of the block's output columns, and then the next that is free, so that all of a block's weights are on their way at once.
extern "C" __global__ void __launch_bounds__(32 * most_sum_warps) experts_few_sum(few_experts work) {
    extern __shared__ float segment_sums[];  // (segments of all terms, columns)
    __shared__ float factors[most_choices];
    const int row = blockIdx.y, first_column = blockIdx.x * sum_columns, lane = threadIdx.x % 32, warps = blockDim.x / 32;
    const int routed_packs = work.routed.inner / 8, routed_segments = (routed_packs + segment_packs - 1) / segment_packs;
    const int shared_packs = work.shared.inner / 8, shared_segments = (shared_packs + segment_packs - 1) / segment_packs;
    const int chosen_segments = work.choices * routed_segments;
    const auto* activated = reinterpret_cast<const pack<bfloat16>*>(work.activated + static_cast<long long>(row) * work.activated_columns());
    for (int s = threadIdx.x / 32; s < chosen_segments + shared_segments; s += warps) {
        const bool is_chosen = s < chosen_segments;
        const int term = is_chosen ? s / routed_segments : work.choices, base = (is_chosen ? s % routed_segments : s - chosen_segments) * segment_packs;
        const int expert = work.expert_of(row, term), packs = is_chosen ? routed_packs : shared_packs;
        const rows_of<const bfloat16> down = work.weights_of(term).down;
        pack<bfloat16> weight[sum_columns][2], x[2];
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int at = base + 32 * half + lane;
            const bool is_there = expert >= 0 && at < packs;
#pragma unroll
            for (int c = 0; c < sum_columns; c++) {
                const long long weight_row = static_cast<long long>(expert) * work.outputs + first_column + c;
                weight[c][half] = is_there && first_column + c < work.outputs ? down.packs(weight_row)[at] : pack<bfloat16>{};
            }

            x[half] = is_there ? activated[term * routed_packs + at] : pack<bfloat16>{};
        }

#pragma unroll
        for (int c = 0; c < sum_columns; c++) {
            const float sum = warp_sum(dot(weight[c][0], x[0]) + dot(weight[c][1], x[1]));
            if (lane == c) {
                segment_sums[s * sum_columns + c] = sum;
            }
        }
    }

    // The last threads bring what the sums are multiplied by and added to, while others may still sum.
    for (int k = blockDim.x - 1 - static_cast<int>(threadIdx.x); k < work.choices; k += blockDim.x) {
        factors[k] = work.expert_of(row, k) < 0 ? 0.0f : work.weights.data[row * work.weights.stride + k];
    }

    const int column = first_column + static_cast<int>(threadIdx.x);
    const bool is_result = threadIdx.x < sum_columns && column < work.outputs;
    const float addend = is_result && work.addend.data != nullptr ? load(work.addend.data + row * work.addend.stride + column) : 0.0f;
    __syncthreads();
    if (!is_result) {
        return;
    }

    const float* sums = segment_sums + threadIdx.x;
    const auto sum_of = [&](int segments) {
        float sum = 0.0f;
        for (int s = 0; s < segments; s++, sums += sum_columns) {
            sum += *sums;
        }

        return sum;
    };
    float sum = 0.0f;
    for (int k = 0; k < work.choices; k++) {
        sum = fmaf(factors[k], sum_of(routed_segments), sum);
    }

    sum += sum_of(shared_segments);
    store(work.y.data + row * work.y.stride + column, addend + sum);
}

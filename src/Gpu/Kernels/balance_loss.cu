// The complementary sequence-wise balance loss of a gate, and its gradient: how often each expert is among those of largest score (sums of integers have no
// order), then the gradient and a token's part of the loss, a warp a token, then a sequence's loss, a block a sequence.
#include "block_sum.cuh"
#include "gate.cuh"

// Mirrors BalanceKernels.
constexpr int total_threads = 256;

// Mirrors Actors.Gpu.Operations.BalanceKernels.Work.
struct balance_work {
    rows_of<const float> scores;  // (tokens, experts)
    rows_of<const int> chosen;    // (tokens, wanted); -1: the token has no part
    const int* starts;            // (sequences + 1)
    int* counts;                  // (sequences, experts + 1): of each expert, then of the tokens that have a part; 0 before
    float* token_losses;          // (tokens)
    int tokens, sequences, experts, wanted;

    __device__ __forceinline__ bool has_part(int token) const {
        return chosen.data[token * chosen.stride] >= 0;
    }

    // The counts of a token's sequence: the last one that begins at the token or before. Those without tokens begin where the next does.
    __device__ __forceinline__ int* counts_of(int token) const {
        int low = 0, high = sequences - 1;
        while (low < high) {
            const int middle = (low + high + 1) / 2;
            if (starts[middle] <= token) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }

        return counts + static_cast<long long>(low) * (experts + 1);
    }
};

extern "C" __global__ void balance_loss_counts(balance_work work) {
    const int lane = threadIdx.x % 32, step = gridDim.x * (blockDim.x / 32);
    for (int token = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; token < work.tokens; token += step) {
        if (!work.has_part(token)) {
            continue;
        }

        const float* score = work.scores.data + token * work.scores.stride;
        int* counts = work.counts_of(token);
        // Each round takes what comes after the one before: a lower score, or the same at a higher index.
        unsigned last = ~0u;
        int last_expert = -1;
        for (int k = 0; k < work.wanted; k++) {
            unsigned best = 0;
            int expert = work.experts;
            for (int e = lane; e < work.experts; e += 32) {
                const unsigned order = order_of(score[e]);
                if ((order < last || (order == last && e > last_expert)) && order > best) {
                    best = order;
                    expert = e;
                }
            }

            last = __reduce_max_sync(all_lanes, best);
            last_expert = static_cast<int>(~__reduce_max_sync(all_lanes, best == last ? ~static_cast<unsigned>(expert) : 0u));
            if (lane == 0 && last_expert < work.experts) {
                atomicAdd(counts + last_expert, 1);
            }
        }

        if (lane == 0) {
            atomicAdd(counts + work.experts, 1);
        }
    }
}

extern "C" __global__ void balance_loss_gradient(balance_work work, rows_of<float> d_logits, float scale) {
    const int lane = threadIdx.x % 32, step = gridDim.x * (blockDim.x / 32);
    for (int token = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; token < work.tokens; token += step) {
        float part = 0.0f;
        if (work.has_part(token)) {
            const float* score = work.scores.data + token * work.scores.stride;
            const int* counts = work.counts_of(token);
            float* result = d_logits.data + token * d_logits.stride;
            float sum = 0.0f, mean = 0.0f;
            for (int e = lane; e < work.experts; e += 32) {
                sum += score[e];
                mean = fmaf(static_cast<float>(counts[e]), score[e], mean);
            }

            sum = warp_sum(sum) + 1e-20f;
            mean = warp_sum(mean) / sum;
            // f_i / T = unit * c_i.
            const float kept = static_cast<float>(counts[work.experts]);
            const float unit = static_cast<float>(work.experts) / static_cast<float>(work.wanted) / kept / kept, factor = scale * unit / sum;
            for (int e = lane; e < work.experts; e += 32) {
                const float s = score[e];
                result[e] = fmaf(factor * (static_cast<float>(counts[e]) - mean) * s, 1.0f - s, result[e]);
            }

            part = unit * mean;
        }

        if (lane == 0) {
            work.token_losses[token] = part;
        }
    }
}

extern "C" __global__ void __launch_bounds__(total_threads) balance_loss_totals(balance_work work, float* losses) {
    __shared__ float shared[total_threads / 32];
    const int sequence = blockIdx.x, end = work.starts[sequence + 1];
    float sum = 0.0f;
    for (int token = work.starts[sequence] + threadIdx.x; token < end; token += total_threads) {
        sum += work.token_losses[token];
    }

    sum = block_sum(sum, shared);
    if (threadIdx.x == 0) {
        losses[sequence] = sum;
    }
}

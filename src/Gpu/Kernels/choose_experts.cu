// The gate: s = sigmoid(logits), c = s + bias; the groups whose two largest c have the largest sum are kept, and of their experts those of largest c
// chosen, ties to the lowest index. A warp a token; each lane has some experts that lie side by side, so that a group is some lanes.
#include "block_sum.cuh"
#include "gate.cuh"
#include "sorted_experts.cuh"

constexpr int gate_threads = 256, gate_warps = gate_threads / 32, most_chosen = 32;

// Whether a warp reads its next token's logits before it chooses this one's experts.
constexpr bool reads_ahead = true;

template <int count>
__device__ __forceinline__ void load_row(const float* row, int first, int columns, int packed, float (&x)[count]) {
    if constexpr (count % 4 == 0) {
        if (packed && first + count <= columns) {
#pragma unroll
            for (int i = 0; i < count / 4; i++) {
                const auto four = reinterpret_cast<const pack<float>*>(row + first)[i];
                x[4 * i] = four.words[0];
                x[4 * i + 1] = four.words[1];
                x[4 * i + 2] = four.words[2];
                x[4 * i + 3] = four.words[3];
            }

            return;
        }
    }

#pragma unroll
    for (int i = 0; i < count; i++) {
        x[i] = first + i < columns ? row[first + i] : 0.0f;
    }
}

template <int count>
__device__ __forceinline__ void store_row(float* row, int first, int columns, int packed, const float (&x)[count]) {
    if constexpr (count % 4 == 0) {
        if (packed && first + count <= columns) {
#pragma unroll
            for (int i = 0; i < count / 4; i++) {
                pack<float> four;
                four.words[0] = x[4 * i];
                four.words[1] = x[4 * i + 1];
                four.words[2] = x[4 * i + 2];
                four.words[3] = x[4 * i + 3];
                reinterpret_cast<pack<float>*>(row + first)[i] = four;
            }

            return;
        }
    }

#pragma unroll
    for (int i = 0; i < count; i++) {
        if (first + i < columns) {
            row[first + i] = x[i];
        }
    }
}

// Whether this lane's group is kept. A group is `lanes` lanes, a power of two, each of which compares it with as many others.
template <int count>
__device__ __forceinline__ bool is_kept(const float (&corrected)[count], const gate_shape& gate, int group_size, int lanes) {
    float first = fmaxf(-infinity(), corrected[0]), second = -infinity();
#pragma unroll
    for (int i = 1; i < count; i++) {
        second = fmaxf(second, fminf(first, corrected[i]));
        first = fmaxf(first, corrected[i]);
    }

    for (int distance = 1; distance < lanes; distance *= 2) {
        const float other = __shfl_xor_sync(all_lanes, first, distance), lower = __shfl_xor_sync(all_lanes, second, distance);
        second = fmaxf(fminf(first, other), fmaxf(second, lower));
        first = fmaxf(first, other);
    }

    const unsigned score = order_of(group_size == 1 ? first : first + second);
    const int lane = threadIdx.x % 32, group = lane / lanes;
    unsigned better = 0;
    for (int base = 0; base < gate.groups; base += lanes) {
        const int other = base + lane % lanes;
        const unsigned rival = __shfl_sync(all_lanes, score, other * lanes);
        better += other < gate.groups && (rival > score || (rival == score && other < group));
    }

    for (int distance = 1; distance < lanes; distance *= 2) {
        better += __shfl_xor_sync(all_lanes, better, distance);
    }

    return better < static_cast<unsigned>(gate.groups_kept);
}

// The experts of a warp's kept lanes, at most half of them, side by side, so that each lane has half as many to put in order. Packs are shuffled: neighbours that
// are written or read at once are in different banks.
template <int count>
struct kept_experts {
    static constexpr int most_lanes = 16, packs = count / 4;
    pack<float> corrected[most_lanes * packs], scores[most_lanes * packs];
    int first[most_lanes];

    static __device__ __forceinline__ int place_of(int p) {
        return p ^ (p >> 3 & 3);
    }

    __device__ __forceinline__ void put(int number, int first_expert, const float (&own_scores)[count], const float (&own_corrected)[count]) {
#pragma unroll
        for (int p = 0; p < packs; p++) {
            const int place = place_of(number * packs + p);
            const float four[4] = {own_corrected[4 * p], own_corrected[4 * p + 1], own_corrected[4 * p + 2], own_corrected[4 * p + 3]};
            const float same[4] = {own_scores[4 * p], own_scores[4 * p + 1], own_scores[4 * p + 2], own_scores[4 * p + 3]};
            corrected[place].set(four);
            scores[place].set(same);
        }

        first[number] = first_expert;
    }

    // Half a lane's corrected scores.
    __device__ __forceinline__ void get(int half, float (&x)[count / 2]) const {
#pragma unroll
        for (int p = 0; p < packs / 2; p++) {
            float four[4];
            corrected[place_of(half * (packs / 2) + p)].get(four);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                x[4 * p + i] = four[i];
            }
        }
    }

    __device__ __forceinline__ int expert(int number) const {
        return first[number / count] + number % count;
    }

    __device__ __forceinline__ float score(int number) const {
        return scores[place_of(number / 4)].words[number % 4];
    }
};

// Writes the numbers of the chosen: of all experts that lanes hold, in the lanes' order.
template <int held>
__device__ __forceinline__ void choose(sorted_experts<held>& own, int wanted, int* chosen) {
    const int lane = threadIdx.x % 32;
    const unsigned before = (1u << lane) - 1u;
    own.sort();
    using digit_type = typename digits_of<(held > 8)>::type;
    auto places = static_cast<digit_type>(own.digits());
    for (int k = 0; k < wanted; k++) {
        const unsigned top = __reduce_max_sync(all_lanes, own.orders[0]);
        const bool is_top = own.orders[0] == top;
        const unsigned equal = __ballot_sync(all_lanes, is_top);
        if (is_top && (equal & before) == 0) {
            chosen[k] = lane * held + static_cast<int>(places & 15);
            own.drop_first();
            places >>= 4;
        }
    }

    __syncwarp();
}

// kept: room for a warp whose groups are at most half kept; nullptr: any number is.
template <int count, bool keeps_half>
__device__ __forceinline__ void choose_experts(
    rows_of<const float> logits, const float* bias, rows_of<float> scores, rows_of<int> experts, rows_of<float> weights, row_count rows, int columns,
    const gate_shape& gate, int packed, int* chosen, kept_experts<count>* kept) {
    constexpr bool is_ahead = keeps_half && reads_ahead;
    constexpr int held = keeps_half ? count / 2 : count;
    const int lane = threadIdx.x % 32, first = lane * count, group_size = columns / gate.groups, lanes = group_size / count;
    const int end = rows.get(), step = gridDim.x * gate_warps;
    float correction[count], bias_flaw = 0.0f, score[count];
    load_row(bias, first, columns, 0, correction);
#pragma unroll
    for (int i = 0; i < count; i++) {
        bias_flaw = watch(correction[i], bias_flaw);
    }

    int token = blockIdx.x * gate_warps + threadIdx.x / 32;
    if (is_ahead && token < end) {
        load_row(logits.data + token * logits.stride, first, columns, packed, score);
    }

    for (; token < end; token += step) {
        float corrected[count], flaw = bias_flaw;
        if constexpr (!is_ahead) {
            load_row(logits.data + token * logits.stride, first, columns, packed, score);
        }

#pragma unroll
        for (int i = 0; i < count; i++) {
            flaw = watch(score[i], flaw);
            score[i] = sigmoid(score[i]);
            corrected[i] = score[i] + correction[i];
        }

        store_row(scores.data + token * scores.stride, first, columns, packed, score);
        const bool usable = gate.groups_kept == gate.groups || is_kept(corrected, gate, group_size, lanes);
        sorted_experts<held> own;
        if constexpr (keeps_half) {
            const unsigned usable_lanes = __ballot_sync(all_lanes, usable && first < columns);
            if (usable && first < columns) {
                kept->put(__popc(usable_lanes & ((1u << lane) - 1u)), first, score, corrected);
            }

            __syncwarp();
            if (is_ahead && token + step < end) {
                load_row(logits.data + (token + step) * logits.stride, first, columns, packed, score);
            }

            float half[held];
            kept->get(lane, half);
            const bool is_live = lane < 2 * __popc(usable_lanes);
#pragma unroll
            for (int i = 0; i < held; i++) {
                own.orders[i] = is_live ? order_of(half[i]) : 0;
                own.turned[i] = held - 1 - i;
            }
        } else {
#pragma unroll
            for (int i = 0; i < held; i++) {
                own.orders[i] = usable && first + i < columns ? order_of(corrected[i]) : 0;
                own.turned[i] = held - 1 - i;
            }
        }

        choose(own, gate.experts_kept, chosen);
        const bool has_choice = lane < gate.experts_kept;
        int expert = has_choice ? chosen[lane] : 0;
        float weight = 0.0f;
        if constexpr (keeps_half) {
            weight = has_choice ? kept->score(expert) : 0.0f;
            expert = has_choice ? kept->expert(expert) : 0;
        } else {
            // The scores were written by the lanes that have them, before the last __syncwarp.
            weight = has_choice ? scores.data[token * scores.stride + expert] : 0.0f;
        }

        const float sum = warp_sum(weight);
        const bool is_flawed = __ballot_sync(all_lanes, flaw != 0.0f) != 0;
        if (has_choice) {
            weight = weight_of(gate, weight, sum);
            experts.data[token * experts.stride + lane] = expert;
            weights.data[token * weights.stride + lane] = is_flawed ? not_a_number() : weight;
        }

        // Nobody writes the next token's experts before all have read these.
        __syncwarp();
    }
}

#define CHOOSE_EXPERTS(count, blocks)                                                                                                                 \
    extern "C" __global__ void __launch_bounds__(gate_threads, blocks) choose_experts_##count(                                                        \
        rows_of<const float> logits, const float* bias, rows_of<float> scores, rows_of<int> experts, rows_of<float> weights, row_count rows,          \
        int columns, gate_shape gate, int packed) {                                                                                                   \
        __shared__ int chosen[gate_warps][most_chosen];                                                                                               \
        choose_experts<count, false>(                                                                                                                 \
            logits, bias, scores, experts, weights, rows, columns, gate, packed, chosen[threadIdx.x / 32], nullptr);                                  \
    }

CHOOSE_EXPERTS(1, 5)
CHOOSE_EXPERTS(2, 5)
CHOOSE_EXPERTS(4, 5)
CHOOSE_EXPERTS(5, 5)
CHOOSE_EXPERTS(8, 5)
CHOOSE_EXPERTS(12, 3)
CHOOSE_EXPERTS(16, 3)

// For rows of which every lane has as many experts, and at most half of the groups kept.
#define CHOOSE_EXPERTS_OF_HALF(count, blocks)                                                                                                         \
    extern "C" __global__ void __launch_bounds__(gate_threads, blocks) choose_experts_of_half_##count(                                                \
        rows_of<const float> logits, const float* bias, rows_of<float> scores, rows_of<int> experts, rows_of<float> weights, row_count rows,          \
        int columns, gate_shape gate, int packed) {                                                                                                   \
        __shared__ int chosen[gate_warps][most_chosen];                                                                                               \
        __shared__ kept_experts<count> kept[gate_warps];                                                                                              \
        choose_experts<count, true>(                                                                                                                  \
            logits, bias, scores, experts, weights, rows, columns, gate, packed, chosen[threadIdx.x / 32], kept + threadIdx.x / 32);                  \
    }

CHOOSE_EXPERTS_OF_HALF(8, 5)
CHOOSE_EXPERTS_OF_HALF(16, 3)

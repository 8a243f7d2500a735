// The gate: s = sigmoid(logits), c = s + bias; the groups whose two largest c have the largest sum are kept, and of their experts those of largest c
// chosen, ties to the lowest index. A warp a token; each lane has some experts that lie side by side, so that a group is some lanes.
#include "block_sum.cuh"
#include "scalars.cuh"

struct gate_shape {
    int groups, groups_kept, experts_kept, normalize;
    float scaling;
};

// 1 / (1 + exp(-x)), rounded nearly once: what the sum and the quotient leave over is given back, so that experts are chosen as by a float64 sigmoid.
__device__ __forceinline__ float sigmoid(float x) {
    const float a = expf(-fabsf(x)), numerator = x < 0.0f ? a : 1.0f;
    const float total = 1.0f + a, rest = a - (total - 1.0f);
    const float inverse = reciprocal(total), quotient = numerator * inverse;
    return fmaf(fmaf(-rest, quotient, fmaf(-total, quotient, numerator)), inverse, quotient);
}

// A number as an integer of the same order; above 0, which stands for what cannot be chosen.
__device__ __forceinline__ unsigned order_of(float x) {
    const unsigned bits = __float_as_uint(x);
    return bits ^ (static_cast<unsigned>(static_cast<int>(bits) >> 31) | 0x80000000u);
}

// Adds 0, or NaN where x is not finite.
__device__ __forceinline__ float watch(float x, float flaw) {
    return fmaf(x, 0.0f, flaw);
}

// A lane's experts by falling order, of equals the lower first: their orders, and their places among the lane's as digits of 4 bits.
template <int count>
struct sorted_experts {
    unsigned orders[count], places[count];

    __device__ __forceinline__ void exchange(int first, int second) {
        const bool is_wrong = orders[second] > orders[first] || (orders[second] == orders[first] && places[second] < places[first]);
        const unsigned order = orders[first], place = places[first];
        orders[first] = is_wrong ? orders[second] : order;
        orders[second] = is_wrong ? order : orders[second];
        places[first] = is_wrong ? places[second] : place;
        places[second] = is_wrong ? place : places[second];
    }

    // Batcher's merge exchange, all of its steps known to the compiler.
    template <int size, int distance>
    __device__ __forceinline__ void merge() {
#pragma unroll
        for (int from = distance % size; from + distance < count; from += 2 * distance) {
#pragma unroll
            for (int i = 0; i < distance; i++) {
                if (from + i + distance < count && (from + i) / (2 * size) == (from + i + distance) / (2 * size)) {
                    exchange(from + i, from + i + distance);
                }
            }
        }

        if constexpr (distance > 1) {
            merge<size, distance / 2>();
        } else if constexpr (2 * size < count) {
            merge<2 * size, 2 * size>();
        }
    }

    __device__ __forceinline__ void sort() {
        if constexpr (count > 1) {
            merge<1, 1>();
        }
    }

    __device__ __forceinline__ unsigned long long digits() const {
        unsigned long long all = 0;
#pragma unroll
        for (int i = 0; i < count; i++) {
            all |= static_cast<unsigned long long>(places[i]) << (4 * i);
        }

        return all;
    }

    __device__ __forceinline__ void drop_first() {
#pragma unroll
        for (int i = 0; i + 1 < count; i++) {
            orders[i] = orders[i + 1];
        }

        orders[count - 1] = 0;
    }
};

template <bool is_long>
struct digits_of {
    using type = unsigned;
};

template <>
struct digits_of<true> {
    using type = unsigned long long;
};

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

// Whether this lane's group is kept. A group is `lanes` lanes, a power of two.
template <int count>
__device__ __forceinline__ bool is_kept(const float (&corrected)[count], const gate_shape& gate, int group_size, int lanes) {
    float first = -infinity(), second = -infinity();
#pragma unroll
    for (int i = 0; i < count; i++) {
        second = fmaxf(second, fminf(first, corrected[i]));
        first = fmaxf(first, corrected[i]);
    }

    for (int distance = 1; distance < lanes; distance *= 2) {
        const float other = __shfl_xor_sync(all_lanes, first, distance), lower = __shfl_xor_sync(all_lanes, second, distance);
        second = fmaxf(fminf(first, other), fmaxf(second, lower));
        first = fmaxf(first, other);
    }

    const unsigned score = order_of(group_size == 1 ? first : first + second);
    const int group = threadIdx.x % 32 / lanes;
    int better = 0;
    for (int other = 0; other < gate.groups; other++) {
        const unsigned rival = __shfl_sync(all_lanes, score, other * lanes);
        better += rival > score || (rival == score && other < group);
    }

    return better < gate.groups_kept;
}

template <int count>
__device__ __forceinline__ void choose_experts(
    rows_of<const float> logits, const float* bias, rows_of<float> scores, rows_of<int> experts, rows_of<float> weights, row_count rows, int columns,
    const gate_shape& gate, int packed) {
    const int lane = threadIdx.x % 32, first = lane * count, group_size = columns / gate.groups, lanes = group_size / count;
    const int end = rows.get(), step = gridDim.x * (blockDim.x / 32);
    float correction[count];
    load_row(bias, first, columns, 0, correction);
    for (int token = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; token < end; token += step) {
        float score[count], corrected[count], flaw = 0.0f;
        load_row(logits.data + token * logits.stride, first, columns, packed, score);
#pragma unroll
        for (int i = 0; i < count; i++) {
            flaw = watch(score[i], flaw);
            score[i] = sigmoid(score[i]);
            corrected[i] = score[i] + correction[i];
            flaw = watch(corrected[i], flaw);
        }

        store_row(scores.data + token * scores.stride, first, columns, packed, score);
        const bool usable = gate.groups_kept == gate.groups || is_kept(corrected, gate, group_size, lanes);
        sorted_experts<count> own;
#pragma unroll
        for (int i = 0; i < count; i++) {
            own.orders[i] = usable && first + i < columns ? order_of(corrected[i]) : 0;
            own.places[i] = i;
        }

        own.sort();
        using digit_type = typename digits_of<(count > 8)>::type;
        auto places = static_cast<digit_type>(own.digits());
        int expert = 0;
        for (int k = 0; k < gate.experts_kept; k++) {
            const unsigned top = __reduce_max_sync(all_lanes, own.orders[0]);
            const int owner = __ffs(__ballot_sync(all_lanes, own.orders[0] == top)) - 1;
            const int chosen = owner * count + __shfl_sync(all_lanes, static_cast<int>(places & 15), owner);
            expert = lane == k ? chosen : expert;
            if (lane == owner) {
                own.drop_first();
                places >>= 4;
            }
        }

        // The scores were written by the lanes that have them.
        __syncwarp();
        float weight = lane < gate.experts_kept ? scores.data[token * scores.stride + expert] : 0.0f;
        const float sum = warp_sum(weight);
        const bool is_flawed = __ballot_sync(all_lanes, flaw != 0.0f) != 0;
        if (lane < gate.experts_kept) {
            weight = gate.normalize ? weight / (sum + 1e-20f) * gate.scaling : weight * gate.scaling;
            experts.data[token * experts.stride + lane] = expert;
            weights.data[token * weights.stride + lane] = is_flawed ? not_a_number() : weight;
        }
    }
}

#define CHOOSE_EXPERTS(count)                                                                                                                         \
    extern "C" __global__ void choose_experts_##count(                                                                                                \
        rows_of<const float> logits, const float* bias, rows_of<float> scores, rows_of<int> experts, rows_of<float> weights, row_count rows,          \
        int columns, gate_shape gate, int packed) {                                                                                                   \
        choose_experts<count>(logits, bias, scores, experts, weights, rows, columns, gate, packed);                                                   \
    }

CHOOSE_EXPERTS(1)
CHOOSE_EXPERTS(2)
CHOOSE_EXPERTS(4)
CHOOSE_EXPERTS(5)
CHOOSE_EXPERTS(8)
CHOOSE_EXPERTS(12)
CHOOSE_EXPERTS(16)

// What follows takes any number of experts and groups, a block a token. A rank is an expert's or group's number beside its order: all differ, the
// lower index is the greater of two equals, so that what comes after a choice is what ranks below it.
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
            const float value = score[chosen[k]];
            const float weight = gate.normalize ? value / (sum + 1e-20f) * gate.scaling : value * gate.scaling;
            weights.data[token * weights.stride + k] = is_flawed ? not_a_number() : weight;
        }

        // The next token's groups take the place of these.
        __syncthreads();
    }
}

// The gradient of a token's logits, a warp a token: zero where an expert was not chosen.
extern "C" __global__ void choose_experts_backward(
    rows_of<const float> d_weights, rows_of<const int> experts, rows_of<const float> scores, rows_of<float> d_logits, row_count rows, int columns,
    gate_shape gate, int packed) {
    const int lane = threadIdx.x % 32, end = rows.get(), step = gridDim.x * (blockDim.x / 32);
    for (int token = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; token < end; token += step) {
        const float* gradient = d_weights.data + token * d_weights.stride;
        const int* chosen = experts.data + token * experts.stride;
        const float* score = scores.data + token * scores.stride;
        float* result = d_logits.data + token * d_logits.stride;
        float sum = 0.0f, product = 0.0f;
        if (gate.normalize) {
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
        for (int k = lane; k < gate.experts_kept; k += 32) {
            const float value = score[chosen[k]];
            const float d_score = gate.normalize ? (gradient[k] - product / sum) / sum : gradient[k];
            result[chosen[k]] = gate.scaling * d_score * value * (1.0f - value);
        }

        __syncwarp();
    }
}

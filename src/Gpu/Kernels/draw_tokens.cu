// Draws each row's next token: mirrors Actors.Tensors.Operations.TokenDraw, number by number. Sums of weights are whole numbers, and so the same in any order.
#include "elements.cuh"
#include "warp_scan.cuh"

struct token_draw {
    double temperature, top_p;
    unsigned long long state;
};

using mass = unsigned long long;

constexpr int draw_threads = 1024, warps = draw_threads / 32, digit_bits = 8, digits = 1 << digit_bits, first_shift = 40, none = -1;
constexpr mass largest_weight = 1ull << 40;

struct found {
    mass weight, above;
};

struct draw_shared {
    mass masses[digits];
    mass sums[warps];
    float values[warps];
    int numbers[warps];
    found next;
};

__device__ __forceinline__ mass shuffled_xor(mass x, int distance) { return __shfl_xor_sync(0xffffffffu, x, distance); }

// The place of the largest number of a row, the first of several; every thread gets it.
__device__ __forceinline__ int best_of(const float* logits, int count, draw_shared& shared) {
    float value = logits[0];
    int best = 0;
    for (int i = threadIdx.x; i < count; i += draw_threads) {
        const float other = logits[i];
        if (other > value) {
            value = other;
            best = i;
        }
    }

    const auto take = [&](float other, int place) {
        if (other > value || (other == value && place < best)) {
            value = other;
            best = place;
        }
    };
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        const float other = __shfl_xor_sync(0xffffffffu, value, distance);
        take(other, static_cast<int>(__shfl_xor_sync(0xffffffffu, static_cast<mass>(best), distance)));
    }

    if (threadIdx.x % 32 == 0) {
        shared.values[threadIdx.x / 32] = value;
        shared.numbers[threadIdx.x / 32] = best;
    }

    __syncthreads();
    for (int warp = 0; warp < warps; warp++) {
        take(shared.values[warp], shared.numbers[warp]);
    }

    __syncthreads();
    return best;
}

__device__ __forceinline__ mass sum_of(mass x, draw_shared& shared) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        x += shuffled_xor(x, distance);
    }

    if (threadIdx.x % 32 == 0) {
        shared.sums[threadIdx.x / 32] = x;
    }

    __syncthreads();
    mass sum = 0;
    for (int warp = 0; warp < warps; warp++) {
        sum += shared.sums[warp];
    }

    __syncthreads();
    return sum;
}

// The largest weight that reaches what is wanted with all weights above it, and the mass of those.
__device__ __forceinline__ found find(const mass* weights, int count, mass wanted, draw_shared& shared) {
    found result = {0, 0};
    for (int shift = first_shift; shift >= 0; shift -= digit_bits) {
        for (int i = threadIdx.x; i < digits; i += draw_threads) {
            shared.masses[i] = 0;
        }

        __syncthreads();
        // Most of a thread's weights have one digit: they are summed before they are added.
        int held = none;
        mass sum = 0;
        for (int i = threadIdx.x; i < count; i += draw_threads) {
            const mass weight = weights[i];
            if (weight >> shift >> digit_bits == result.weight) {
                const int digit = static_cast<int>(weight >> shift) & (digits - 1);
                if (digit != held) {
                    if (held != none) {
                        atomicAdd(shared.masses + held, sum);
                    }

                    held = digit;
                    sum = 0;
                }

                sum += weight;
            }
        }

        if (held != none) {
            atomicAdd(shared.masses + held, sum);
        }

        __syncthreads();
        if (threadIdx.x < 32) {
            // A lane has eight digits, the first lane the highest.
            constexpr int share = digits / 32;
            const int highest = digits - 1 - static_cast<int>(threadIdx.x) * share;
            mass own = 0;
#pragma unroll
            for (int i = 0; i < share; i++) {
                own += shared.masses[highest - i];
            }

            mass through = own;
#pragma unroll
            for (int distance = 1; distance < 32; distance *= 2) {
                const mass before = __shfl_up_sync(0xffffffffu, through, distance);
                through += static_cast<int>(threadIdx.x) >= distance ? before : 0;
            }

            mass above = result.above + through - own;
            if (above < wanted && wanted <= result.above + through) {
                int digit = highest;
                while (above + shared.masses[digit] < wanted) {
                    above += shared.masses[digit--];
                }

                shared.next = {result.weight << digit_bits | static_cast<mass>(digit), above};
            }
        }

        __syncthreads();
        result = shared.next;
        __syncthreads();
    }

    return result;
}

// The next number in [0, 1) of a stream (SplitMix64).
__device__ __forceinline__ double next_uniform(mass& state) {
    state += 0x9E3779B97F4A7C15ull;
    mass z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * (1.0 / (1ll << 53));
}

// Writes the place of a weight, of several equal ones that of number skipped. A thread looks at places in a row.
__device__ __forceinline__ void write_place(const mass* weights, int count, mass weight, int skipped, int* token, draw_shared& shared) {
    const int share = (count + draw_threads - 1) / draw_threads, first = threadIdx.x * share, end = min(count, first + share);
    int equals = 0;
    for (int i = first; i < end; i++) {
        equals += weights[i] == weight ? 1 : 0;
    }

    int through = sum_through(equals);
    if (threadIdx.x % 32 == 31) {
        shared.numbers[threadIdx.x / 32] = through;
    }

    __syncthreads();
    for (int warp = 0; warp < static_cast<int>(threadIdx.x) / 32; warp++) {
        through += shared.numbers[warp];
    }

    int before = through - equals;
    if (before <= skipped && skipped < through) {
        int i = first;
        while (weights[i] != weight || before++ != skipped) {
            i++;
        }

        *token = i;
    }
}

// A block a row.
extern "C" __global__ void __launch_bounds__(draw_threads)
    draw_tokens(rows_of<const float> logits, int vocabulary, const int* slots, token_draw* draws, mass* scratch, int* tokens) {
    __shared__ draw_shared shared;
    const float* row = logits.data + blockIdx.x * logits.stride;
    mass* weights = scratch + static_cast<long long>(blockIdx.x) * vocabulary;
    const int slot = slots[blockIdx.x];
    int others = 0;
    for (int i = threadIdx.x; i < vocabulary; i += draw_threads) {
        // Of NaN and infinities all bits of the exponent are set.
        others |= (__float_as_uint(row[i]) & 0x7f800000u) == 0x7f800000u ? 1 : 0;
    }

    if (__syncthreads_count(others) > 0 || slot < 0) {
        if (threadIdx.x == 0) {
            tokens[blockIdx.x] = none;
        }

        return;
    }

    const int best = best_of(row, vocabulary, shared);
    const token_draw draw = draws[slot];
    if (draw.temperature == 0.0) {
        if (threadIdx.x == 0) {
            tokens[blockIdx.x] = best;
        }

        return;
    }

    const float largest = row[best];
    mass sum = 0;
    for (int i = threadIdx.x; i < vocabulary; i += draw_threads) {
        const mass weight = static_cast<mass>(exp(static_cast<double>(row[i] - largest) / draw.temperature) * static_cast<double>(largest_weight));
        weights[i] = weight;
        sum += weight;
    }

    const mass total = sum_of(sum, shared), part = static_cast<mass>(draw.top_p * static_cast<double>(total));
    const mass wanted = part < 1 ? 1 : part > total ? total : part;
    const found least = find(weights, vocabulary, wanted, shared);
    const mass kept = least.above + (wanted - least.above + least.weight - 1) / least.weight * least.weight;
    mass state = draw.state;
    const mass drawn = static_cast<mass>(next_uniform(state) * static_cast<double>(kept));
    const mass place = drawn < kept - 1 ? drawn : kept - 1;
    const found at = find(weights, vocabulary, place + 1, shared);
    if (threadIdx.x == 0) {
        draws[slot].state = state;
    }

    write_place(weights, vocabulary, at.weight, static_cast<int>((place - at.above) / at.weight), tokens + blockIdx.x, shared);
}

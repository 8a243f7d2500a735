// A lane's experts in order, in registers.
#pragma once

// By falling order, of equals the lower first: orders, and places turned round, the first expert's being the largest, so that order and place are one number. Places
// are then digits of 4 bits.
template <int count>
struct sorted_experts {
    unsigned orders[count], turned[count];

    __device__ __forceinline__ unsigned long long rank(int i) const {
        return static_cast<unsigned long long>(orders[i]) << 32 | turned[i];
    }

    __device__ __forceinline__ void exchange(int first, int second) {
        const bool is_wrong = rank(second) > rank(first);
        const unsigned order = orders[first], place = turned[first];
        orders[first] = is_wrong ? orders[second] : order;
        orders[second] = is_wrong ? order : orders[second];
        turned[first] = is_wrong ? turned[second] : place;
        turned[second] = is_wrong ? place : turned[second];
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
            all |= static_cast<unsigned long long>(count - 1 - turned[i]) << (4 * i);
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

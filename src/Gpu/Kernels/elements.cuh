// Elements as kernels see them: loaded as float32, computed in float32, rounded once when stored, to nearest even.
#pragma once

struct bfloat16 {
    unsigned short bits;
};

// Two numbers as bfloat16, the first in the lower half.
__device__ __forceinline__ unsigned pair_of(float first, float second) {
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(second), "f"(first));
    return both;
}

// What one thread loads or stores at once, 16 bytes, as a machine holds it: two bfloat16 to a register.
template <typename T>
struct pack;

template <>
struct alignas(16) pack<float> {
    static constexpr int size = 4;
    float words[4];

    __device__ __forceinline__ void get(float (&x)[4]) const {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            x[i] = words[i];
        }
    }

    __device__ __forceinline__ void set(const float (&x)[4]) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            words[i] = x[i];
        }
    }
};

template <>
struct alignas(16) pack<bfloat16> {
    static constexpr int size = 8;
    unsigned words[4];

    __device__ __forceinline__ void get(float (&x)[8]) const {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            x[2 * i] = __uint_as_float(words[i] << 16);
            x[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000u);
        }
    }

    __device__ __forceinline__ void set(const float (&x)[8]) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            words[i] = pair_of(x[2 * i], x[2 * i + 1]);
        }
    }
};

// A pack of what is only read is only read.
template <typename T>
struct packed {
    using type = pack<T>;
};

template <typename T>
struct packed<const T> {
    using type = const pack<T>;
};

// Rows of a tensor: element (r, c) is data[r * stride + c]. Mirrors Actors.Gpu.Operations.RowView.
template <typename T>
struct rows_of {
    T* data;
    long long stride;

    __device__ __forceinline__ typename packed<T>::type* packs(long long r) const {
        return reinterpret_cast<typename packed<T>::type*>(data + r * stride);
    }
};

// Rows to compute: all of the capacity, or as many as a counter in device memory says. Rows beyond are neither read nor written.
struct row_count {
    const int* live;
    int capacity;

    __device__ __forceinline__ int get() const {
        if (live == nullptr) {
            return capacity;
        }

        const int rows = *live;
        return rows < capacity ? rows : capacity;
    }
};

// Rows to E5M6 and back, 8 numbers in 12 bytes, half a warp a tile of 128 columns: a lane has a pack.
#include "tile_scale.cuh"

constexpr int pack_numbers = 8, pack_words = 3, tile_packs = tile_elements / pack_numbers;

// The tile of a half of a warp, and the lane's first column of it.
struct half_tile {
    long long row;
    int tile, column, size;

    __device__ __forceinline__ half_tile(long long i, int tiles, int columns)
        : row(i / tiles), tile(static_cast<int>(i % tiles)), column(tile * tile_elements + static_cast<int>(threadIdx.x % tile_packs) * pack_numbers),
          size(columns - column) {}

    __device__ __forceinline__ long long words() const { return static_cast<long long>(column / pack_numbers) * pack_words; }
};

template <typename T>
__device__ __forceinline__ void load_some(const T* from, int size, bool is_packed, float (&x)[pack_numbers]) {
    if (is_packed && size >= pack_numbers) {
        load_eight(from, x);
    } else {
#pragma unroll
        for (int i = 0; i < pack_numbers; i++) {
            x[i] = i < size ? load(from + i) : 0.0f;
        }
    }
}

template <typename T>
__device__ __forceinline__ void store_some(T* to, int size, bool is_packed, const float (&x)[pack_numbers]) {
    if (is_packed && size >= pack_numbers) {
#pragma unroll
        for (int part = 0; part < pack_numbers / pack<T>::size; part++) {
            float some[pack<T>::size];
#pragma unroll
            for (int i = 0; i < pack<T>::size; i++) {
                some[i] = x[part * pack<T>::size + i];
            }

            reinterpret_cast<pack<T>*>(to)[part].set(some);
        }
    } else {
#pragma unroll
        for (int i = 0; i < pack_numbers; i++) {
            if (i < size) {
                store(to + i, x[i]);
            }
        }
    }
}

template <typename T>
__device__ __forceinline__ void pack_rows(
    rows_of<const T> x, rows_of<unsigned> words, rows_of<float> scales, int columns, row_count rows, bool is_packed) {
    const int tiles = tile_cuts::covering(columns);
    const long long end = static_cast<long long>(rows.get()) * tiles, step = static_cast<long long>(gridDim.x) * (blockDim.x / tile_packs);
    // Whole warps stay together: their halves exchange magnitudes.
    for (long long first = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) / 32 * 2; first < end; first += step) {
        const long long i = first + threadIdx.x % 32 / tile_packs;
        const half_tile at(i, tiles, columns);
        float numbers[pack_numbers] = {};
        if (i < end && at.size > 0) {
            load_some(x.data + at.row * x.stride + at.column, at.size, is_packed, numbers);
        }

        const unsigned magnitude = largest_magnitude<tile_packs>(numbers);

        if (i >= end || at.size <= 0) {
            continue;
        }

        const tile_divisor divisor = divisor_of(e5m6_scale_of(magnitude));
        float quotients[pack_numbers];
        divisor.divide(numbers, quotients);
        unsigned codes[pack_numbers];
#pragma unroll
        for (int k = 0; k < pack_numbers; k++) {
            codes[k] = k >= at.size ? 0 : divisor.is_nan() ? e5m6::code_of_nan : e5m6::encode(quotients[k]);
        }

        unsigned* to = words.data + at.row * words.stride + at.words();
        to[0] = codes[0] | codes[1] << 12 | codes[2] << 24;
        to[1] = codes[2] >> 8 | codes[3] << 4 | codes[4] << 16 | codes[5] << 28;
        to[2] = codes[5] >> 4 | codes[6] << 8 | codes[7] << 20;
        if (threadIdx.x % tile_packs == 0) {
            scales.data[at.row * scales.stride + at.tile] = divisor.scale;
        }
    }
}

template <typename T>
__device__ __forceinline__ void unpack_rows(
    rows_of<const unsigned> words, rows_of<const float> scales, rows_of<T> y, int columns, row_count rows, bool is_packed) {
    const int tiles = tile_cuts::covering(columns);
    const long long end = static_cast<long long>(rows.get()) * tiles, step = static_cast<long long>(gridDim.x) * (blockDim.x / tile_packs);
    for (long long i = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) / tile_packs; i < end; i += step) {
        const half_tile at(i, tiles, columns);
        if (at.size <= 0) {
            continue;
        }

        const unsigned* from = words.data + at.row * words.stride + at.words();
        const unsigned low = from[0], middle = from[1], high = from[2];
        const unsigned codes[pack_numbers] = {low, low >> 12, low >> 24 | middle << 8, middle >> 4, middle >> 16, middle >> 28 | high << 4, high >> 8, high >> 20};
        const float scale = scales.data[at.row * scales.stride + at.tile];
        float numbers[pack_numbers];
#pragma unroll
        for (int k = 0; k < pack_numbers; k++) {
            numbers[k] = e5m6::decode(codes[k] & 0xfff) * scale;
        }

        store_some(y.data + at.row * y.stride + at.column, at.size, is_packed, numbers);
    }
}

#define PACK_KERNELS(name, T)                                                                                                                  \
    extern "C" __global__ void pack_rows_##name(                                                                                               \
        rows_of<const T> x, rows_of<unsigned> words, rows_of<float> scales, int columns, row_count rows, bool is_packed) {                     \
        pack_rows<T>(x, words, scales, columns, rows, is_packed);                                                                              \
    }                                                                                                                                          \
    extern "C" __global__ void unpack_rows_##name(                                                                                             \
        rows_of<const unsigned> words, rows_of<const float> scales, rows_of<T> y, int columns, row_count rows, bool is_packed) {               \
        unpack_rows<T>(words, scales, y, columns, rows, is_packed);                                                                            \
    }

PACK_KERNELS(float32, float)
PACK_KERNELS(bfloat16, bfloat16)

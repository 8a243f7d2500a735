// Rows to E4M3 and back, a warp a tile of up to 128 columns: scale = largest magnitude / 448, code = x / scale.
#include "tile_loop.cuh"
#include "tile_scale.cuh"

// Tiles that a warp has on their way at once.
constexpr int tiles_at_once = 4;

template <typename T, bool is_packed>
__device__ __forceinline__ void quantize(
    rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, tile_cuts cuts, row_count rows, bool is_power_of_two) {
    float numbers[tiles_at_once][4];
    for_each_tile<tiles_at_once>(rows, cuts.count(), [&](long long row, int tile, int k) {
        load_tile<is_packed>(x.data + row * x.stride + cuts.start(tile), cuts.size(tile), numbers[k]);
    }, [&](long long row, int tile, int k) {
        quantize_tile<is_packed>(
            numbers[k], cuts.size(tile), codes.data + row * codes.stride + cuts.start(tile), scales.data + row * scales.stride + tile, is_power_of_two);
    });
}

template <typename T, bool is_packed>
__device__ __forceinline__ void dequantize(rows_of<const unsigned char> codes, rows_of<const float> scales, rows_of<T> y, tile_cuts cuts, row_count rows) {
    float numbers[tiles_at_once][4];
    for_each_tile<tiles_at_once>(rows, cuts.count(), [&](long long row, int tile, int k) {
        load_codes<is_packed>(codes.data + row * codes.stride + cuts.start(tile), cuts.size(tile), numbers[k]);
        const float scale = scales.data[row * scales.stride + tile];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            numbers[k][i] *= scale;
        }
    }, [&](long long row, int tile, int k) {
        store_tile<is_packed>(y.data + row * y.stride + cuts.start(tile), cuts.size(tile), numbers[k]);
    });
}

#define TILE_KERNELS(name, T)                                                                                                            \
    extern "C" __global__ void quantize_tiles_##name(                                                                                    \
        rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, tile_cuts cuts, row_count rows, bool is_power_of_two,   \
        bool is_packed) {                                                                                                                \
        if (is_packed) {                                                                                                                 \
            quantize<T, true>(x, codes, scales, cuts, rows, is_power_of_two);                                                            \
        } else {                                                                                                                         \
            quantize<T, false>(x, codes, scales, cuts, rows, is_power_of_two);                                                           \
        }                                                                                                                                \
    }                                                                                                                                    \
    extern "C" __global__ void dequantize_tiles_##name(                                                                                  \
        rows_of<const unsigned char> codes, rows_of<const float> scales, rows_of<T> y, tile_cuts cuts, row_count rows, bool is_packed) { \
        if (is_packed) {                                                                                                                 \
            dequantize<T, true>(codes, scales, y, cuts, rows);                                                                           \
        } else {                                                                                                                         \
            dequantize<T, false>(codes, scales, y, cuts, rows);                                                                          \
        }                                                                                                                                \
    }

TILE_KERNELS(float32, float)
TILE_KERNELS(bfloat16, bfloat16)

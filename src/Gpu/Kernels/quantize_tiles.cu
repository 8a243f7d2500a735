// Rows to E4M3 and back: scale = largest magnitude / 448, code = x / scale. Eight lanes a tile of up to 128 columns, or where rows begin anywhere a warp.
#include "tile_loop.cuh"
#include "tile_team.cuh"

// Tiles that a warp, and that eight lanes have on their way at once. Mirrors QuantizeKernels.
constexpr int tiles_at_once = 4, team_tiles_at_once = 2;

template <typename T>
__device__ __forceinline__ void quantize_packed(
    rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, const tile_cuts& cuts, row_count rows, bool is_power_of_two) {
    float numbers[team_tiles_at_once][lane_numbers];
    for_each_tile<team_lanes, team_tiles_at_once>(rows, cuts.count(), [&](const tile_number& at, int k) {
        load_lane(at.in(x, cuts.start(at.tile)), at.size(cuts), numbers[k]);
    }, [&](const tile_number& at, int k) {
        quantize_lane(numbers[k], at.size(cuts), at.in(codes, cuts.start(at.tile)), at.in(scales, at.tile), is_power_of_two);
    });
}

template <typename T>
__device__ __forceinline__ void quantize_elements(
    rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, const tile_cuts& cuts, row_count rows, bool is_power_of_two) {
    float numbers[tiles_at_once][4];
    for_each_tile<32, tiles_at_once>(rows, cuts.count(), [&](const tile_number& at, int k) {
        load_tile<false>(at.in(x, cuts.start(at.tile)), at.size(cuts), numbers[k]);
    }, [&](const tile_number& at, int k) {
        quantize_tile(numbers[k], at.size(cuts), at.in(codes, cuts.start(at.tile)), at.in(scales, at.tile), is_power_of_two);
    });
}

template <typename T, bool is_packed>
__device__ __forceinline__ void dequantize(
    rows_of<const unsigned char> codes, rows_of<const float> scales, rows_of<T> y, const tile_cuts& cuts, row_count rows) {
    float numbers[tiles_at_once][4];
    for_each_tile<32, tiles_at_once>(rows, cuts.count(), [&](const tile_number& at, int k) {
        load_codes<is_packed>(at.in(codes, cuts.start(at.tile)), at.size(cuts), numbers[k]);
        const float scale = at.is_there ? *at.in(scales, at.tile) : 0.0f;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            numbers[k][i] *= scale;
        }
    }, [&](const tile_number& at, int k) {
        store_tile<is_packed>(at.in(y, cuts.start(at.tile)), at.size(cuts), numbers[k]);
    });
}

#define TILE_KERNELS(name, T)                                                                                                            \
    extern "C" __global__ void quantize_tiles_##name(                                                                                    \
        rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, tile_cuts cuts, row_count rows, bool is_power_of_two,   \
        bool is_packed) {                                                                                                                \
        if (is_packed) {                                                                                                                 \
            quantize_packed<T>(x, codes, scales, cuts, rows, is_power_of_two);                                                           \
        } else {                                                                                                                         \
            quantize_elements<T>(x, codes, scales, cuts, rows, is_power_of_two);                                                         \
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

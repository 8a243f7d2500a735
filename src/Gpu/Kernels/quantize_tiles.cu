// Rows to E4M3 and back, a warp a tile of up to 128 columns: scale = largest magnitude / 448, code = x / scale.
#include "tile_scale.cuh"

// Tiles that a warp has on their way at once.
constexpr int tiles_at_once = 4;

struct tile_number {
    int row, tile;
};

// Calls load(row, tile, k) for up to tiles_at_once tiles of a warp, then store(row, tile, k) for the same.
template <typename Load, typename Store>
__device__ __forceinline__ void for_each_tile(row_count rows, int tiles, Load load, Store store) {
    // Rows and tiles are counted on, since a division costs as much as a tile.
    const int warps = blockDim.x / 32, first = (blockIdx.x * warps + threadIdx.x / 32) * tiles_at_once, step = gridDim.x * warps * tiles_at_once;
    const int end = rows.get(), step_rows = step / tiles, step_tiles = step % tiles;
    int row = first / tiles, tile = first % tiles;
    while (row < end) {
        tile_number numbers[tiles_at_once] = {{row, tile}};
#pragma unroll
        for (int k = 1; k < tiles_at_once; k++) {
            const tile_number before = numbers[k - 1];
            numbers[k] = before.tile + 1 < tiles ? tile_number{before.row, before.tile + 1} : tile_number{before.row + 1, 0};
        }

#pragma unroll
        for (int k = 0; k < tiles_at_once; k++) {
            if (numbers[k].row < end) {
                load(numbers[k].row, numbers[k].tile, k);
            }
        }

#pragma unroll
        for (int k = 0; k < tiles_at_once; k++) {
            if (numbers[k].row < end) {
                store(numbers[k].row, numbers[k].tile, k);
            }
        }

        row += step_rows;
        tile += step_tiles;
        if (tile >= tiles) {
            tile -= tiles;
            row++;
        }
    }
}

template <typename T, bool is_packed>
__device__ __forceinline__ void quantize(
    rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, tile_cuts cuts, row_count rows, bool is_power_of_two) {
    float numbers[tiles_at_once][4];
    for_each_tile(rows, cuts.count(), [&](long long row, int tile, int k) {
        load_tile<is_packed>(x.data + row * x.stride + cuts.start(tile), cuts.size(tile), numbers[k]);
    }, [&](long long row, int tile, int k) {
        unsigned magnitude = 0;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            magnitude = max(magnitude, magnitude_of(numbers[k][i]));
        }

        const tile_divisor divisor = divisor_of(e4m3_scale_of(__reduce_max_sync(all_lanes, magnitude), is_power_of_two));
        store_codes<is_packed>(codes.data + row * codes.stride + cuts.start(tile), cuts.size(tile), codes_of(numbers[k], divisor));
        if (threadIdx.x % 32 == 0) {
            scales.data[row * scales.stride + tile] = divisor.scale;
        }
    });
}

template <typename T, bool is_packed>
__device__ __forceinline__ void dequantize(rows_of<const unsigned char> codes, rows_of<const float> scales, rows_of<T> y, tile_cuts cuts, row_count rows) {
    float numbers[tiles_at_once][4];
    for_each_tile(rows, cuts.count(), [&](long long row, int tile, int k) {
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

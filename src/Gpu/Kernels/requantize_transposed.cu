// Transposes rows and quantizes them to E4M3 in tiles of 128 rows of a group. Rows are numbers, or codes of E4M3 with scales along the other dimension.
// Grid: blocks of 64 columns, places of tiles of rows.
#include "product.cuh"
#include "tile_scale.cuh"

constexpr int strip_columns = 64, strip_warps = 8, strip_pitch = tile_elements + 1;

template <typename T>
struct plain_rows {
    rows_of<const T> rows;

    __device__ __forceinline__ float get(int row, int column) const { return load(rows.data + row * rows.stride + column); }

    // Four neighbours that begin at a multiple of four elements.
    __device__ __forceinline__ void get_four(int row, int column, float (&x)[4]) const { load_four(rows.data + row * rows.stride + column, x); }
};

struct dequantized_rows {
    rows_of<const unsigned char> codes;
    rows_of<const float> scales;
    tile_cuts cuts;

    __device__ __forceinline__ float get(int row, int column) const {
        return e4m3::decode(codes.data[row * codes.stride + column]) * scales.data[row * scales.stride + cuts.tile_of(column)];
    }

    // They are of one tile.
    __device__ __forceinline__ void get_four(int row, int column, float (&x)[4]) const {
        numbers_of(*reinterpret_cast<const unsigned*>(codes.data + row * codes.stride + column), x);
        const float scale = scales.data[row * scales.stride + cuts.tile_of(column)];
#pragma unroll
        for (int k = 0; k < 4; k++) {
            x[k] *= scale;
        }
    }
};

template <typename Source>
__device__ __forceinline__ void transpose(
    const Source& source, const int* offsets, int groups, int rows, int columns, rows_of<unsigned char> codes, rows_of<float> scales, bool is_power_of_two,
    bool is_packed) {
    // Padded: lanes that write the same row of several columns write to different banks.
    __shared__ float strip[strip_columns * strip_pitch];
    tile_place at;
    if (!find_rows<tile_elements>(offsets, groups, rows, blockIdx.y, at)) {
        return;
    }

    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first = blockIdx.x * strip_columns, count = min(tile_elements, at.end - at.row);
    if (is_packed) {
        // A warp has two tokens at once, a lane four columns.
        const int column = threadIdx.x % 16 * 4;
#pragma unroll 4
        for (int token = threadIdx.x / 16; token < tile_elements; token += 2 * strip_warps) {
            float four[4] = {};
            if (token < count && first + column < columns) {
                source.get_four(at.row + token, first + column, four);
            }

#pragma unroll
            for (int k = 0; k < 4; k++) {
                strip[(column + k) * strip_pitch + token] = four[k];
            }
        }
    } else {
        for (int token = warp; token < tile_elements; token += strip_warps) {
#pragma unroll
            for (int half = 0; half < strip_columns / 32; half++) {
                const int column = lane + 32 * half;
                strip[column * strip_pitch + token] = token < count && first + column < columns ? source.get(at.row + token, first + column) : 0.0f;
            }
        }
    }

    __syncthreads();
    for (int column = warp; column < strip_columns && first + column < columns; column += strip_warps) {
        float numbers[4];
        unsigned magnitude = 0;
#pragma unroll
        for (int k = 0; k < 4; k++) {
            numbers[k] = strip[column * strip_pitch + 32 * k + lane];
            magnitude = max(magnitude, magnitude_of(numbers[k]));
        }

        const tile_divisor divisor = divisor_of(e4m3_scale_of(__reduce_max_sync(all_lanes, magnitude), is_power_of_two));
        const unsigned four = codes_of(numbers, divisor);
        unsigned char* to = codes.data + (first + column) * codes.stride + static_cast<long long>(blockIdx.y) * tile_elements;
#pragma unroll
        for (int k = 0; k < 4; k++) {
            // Behind the group's last row codes are zero, of a tile that is not finite too.
            to[32 * k + lane] = 32 * k + lane < count ? static_cast<unsigned char>(four >> 8 * k) : 0;
        }

        if (lane == 0) {
            scales.data[blockIdx.y * scales.stride + first + column] = divisor.scale;
        }
    }
}

#define TRANSPOSE_KERNEL(name, T)                                                                                                              \
    extern "C" __global__ void __launch_bounds__(32 * strip_warps) quantize_transposed_##name(                                                 \
        rows_of<const T> x, const int* offsets, int groups, int rows, int columns, rows_of<unsigned char> codes, rows_of<float> scales,        \
        bool is_power_of_two, bool is_packed) {                                                                                                \
        transpose(plain_rows<T>{x}, offsets, groups, rows, columns, codes, scales, is_power_of_two, is_packed);                                \
    }

TRANSPOSE_KERNEL(float32, float)
TRANSPOSE_KERNEL(bfloat16, bfloat16)

extern "C" __global__ void __launch_bounds__(32 * strip_warps) requantize_transposed(
    rows_of<const unsigned char> x, rows_of<const float> x_scales, tile_cuts cuts, const int* offsets, int groups, int rows, int columns,
    rows_of<unsigned char> codes, rows_of<float> scales, bool is_power_of_two, bool is_packed) {
    transpose(dequantized_rows{x, x_scales, cuts}, offsets, groups, rows, columns, codes, scales, is_power_of_two, is_packed);
}

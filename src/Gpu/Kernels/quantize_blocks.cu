// Matrices to E4M3 in blocks of up to 128 x 128, a block of threads each: numbers stay in registers between the largest magnitude and the codes.
// Where they are wanted, codes go to the transposed matrices too, through shared memory. Grid: blocks of columns, blocks of rows of all matrices.
#include "tile_scale.cuh"

constexpr int block_warps = 8, warp_rows = tile_elements / block_warps, code_pitch = tile_elements + 4;

template <typename T, bool is_packed>
__device__ __forceinline__ void quantize_block(
    rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, tile_cuts row_cuts, tile_cuts column_cuts, bool is_power_of_two,
    rows_of<unsigned char> transposed) {
    __shared__ unsigned magnitudes[block_warps];
    __shared__ unsigned words[tile_elements * code_pitch / 4];
    unsigned char* block = reinterpret_cast<unsigned char*>(words);
    const int warp = threadIdx.x / 32, tiles = row_cuts.count(), tile = blockIdx.y % tiles;
    const long long first = static_cast<long long>(blockIdx.y / tiles) * row_cuts.length + row_cuts.start(tile);
    const int height = row_cuts.size(tile), column = column_cuts.start(blockIdx.x), width = column_cuts.size(blockIdx.x);
    float numbers[warp_rows][4];
    unsigned magnitude = 0;
#pragma unroll
    for (int i = 0; i < warp_rows; i++) {
        const int row = warp + i * block_warps;
        load_tile<is_packed>(x.data + (first + row) * x.stride + column, row < height ? width : 0, numbers[i]);
    }

#pragma unroll
    for (int i = 0; i < warp_rows; i++) {
#pragma unroll
        for (int k = 0; k < 4; k++) {
            magnitude = max(magnitude, magnitude_of(numbers[i][k]));
        }
    }

    magnitude = __reduce_max_sync(all_lanes, magnitude);
    if (threadIdx.x % 32 == 0) {
        magnitudes[warp] = magnitude;
    }

    __syncthreads();
#pragma unroll
    for (int other = 0; other < block_warps; other++) {
        magnitude = max(magnitude, magnitudes[other]);
    }

    const tile_divisor divisor = divisor_of(e4m3_scale_of(magnitude, is_power_of_two));
    if (threadIdx.x == 0) {
        scales.data[blockIdx.y * scales.stride + blockIdx.x] = divisor.scale;
    }

#pragma unroll
    for (int i = 0; i < warp_rows; i++) {
        const int row = warp + i * block_warps;
        const unsigned four = codes_of(numbers[i], divisor);
        store_codes<is_packed>(codes.data + (first + row) * codes.stride + column, row < height ? width : 0, four);
        store_codes<is_packed>(block + row * code_pitch, tile_elements, four);
    }

    if (transposed.data == nullptr) {
        return;
    }

    __syncthreads();
    const long long matrix = static_cast<long long>(blockIdx.y / tiles) * column_cuts.length;
    for (int c = warp; c < width; c += block_warps) {
        unsigned char* to = transposed.data + (matrix + column + c) * transposed.stride + row_cuts.start(tile);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            const int row = place_in_tile<false>(k);
            if (row < height) {
                to[row] = block[row * code_pitch + c];
            }
        }
    }
}

#define BLOCK_KERNEL(name, T)                                                                                                                     \
    extern "C" __global__ void __launch_bounds__(32 * block_warps, 2) quantize_blocks_##name(                                                     \
        rows_of<const T> x, rows_of<unsigned char> codes, rows_of<float> scales, tile_cuts row_cuts, tile_cuts column_cuts, bool is_power_of_two, \
        rows_of<unsigned char> transposed, bool is_packed) {                                                                                      \
        if (is_packed) {                                                                                                                          \
            quantize_block<T, true>(x, codes, scales, row_cuts, column_cuts, is_power_of_two, transposed);                                        \
        } else {                                                                                                                                  \
            quantize_block<T, false>(x, codes, scales, row_cuts, column_cuts, is_power_of_two, transposed);                                       \
        }                                                                                                                                         \
    }

BLOCK_KERNEL(float32, float)
BLOCK_KERNEL(bfloat16, bfloat16)

// Transposes rows and quantizes them to E4M3 in tiles of 128 rows of a group. Rows are numbers, or codes of E4M3 with scales along the other dimension.
// A thread has four tokens of eight columns. Grid: blocks of 64 columns, places of tiles of rows, which a block takes one after the other.
#include "byte_units.cuh"
#include "product.cuh"
#include "tile_scale.cuh"

// Mirrors Actors.Gpu.Operations.TokenQuantization.
constexpr int strip_columns = 64, strip_warps = 8, strip_blocks = 4;
constexpr int lane_columns = 8, lane_tokens = 4, column_lanes = strip_columns / lane_columns, warp_tokens = 32 / column_lanes * lane_tokens;
static_assert(strip_warps * warp_tokens == tile_elements, "a block has a tile's tokens");

// A lane's neighbours of a token, as they are stored.
template <typename T>
struct plain_rows {
    struct unit {
        pack<T> packs[lane_columns / pack<T>::size];
    };

    rows_of<const T> rows;

    __device__ __forceinline__ unit get(int row, int column) const { return *reinterpret_cast<const unit*>(rows.data + row * rows.stride + column); }

    __device__ __forceinline__ static void convert(const unit& from, float (&x)[lane_columns]) {
#pragma unroll
        for (int part = 0; part < lane_columns / pack<T>::size; part++) {
            float some[pack<T>::size];
            from.packs[part].get(some);
#pragma unroll
            for (int i = 0; i < pack<T>::size; i++) {
                x[part * pack<T>::size + i] = some[i];
            }
        }
    }

    __device__ __forceinline__ float element(int row, int column) const { return load(rows.data + row * rows.stride + column); }
};

// They are of one tile.
struct dequantized_rows {
    struct unit {
        unit_of_bytes<lane_columns> codes;
        float scale;
    };

    rows_of<const unsigned char> codes;
    rows_of<const float> scales;
    tile_cuts cuts;

    __device__ __forceinline__ unit get(int row, int column) const {
        return {
            *reinterpret_cast<const unit_of_bytes<lane_columns>*>(codes.data + row * codes.stride + column), scales.data[row * scales.stride + cuts.tile_of(column)]};
    }

    __device__ __forceinline__ static void convert(const unit& from, float (&x)[lane_columns]) {
#pragma unroll
        for (int word = 0; word < lane_columns / 4; word++) {
            float four[4];
            numbers_of(from.codes.word[word], four);
#pragma unroll
            for (int k = 0; k < 4; k++) {
                x[4 * word + k] = four[k] * from.scale;
            }
        }
    }

    __device__ __forceinline__ float element(int row, int column) const {
        return e4m3::decode(codes.data[row * codes.stride + column]) * scales.data[row * scales.stride + cuts.tile_of(column)];
    }
};

// Rows that begin anywhere.
template <typename Source>
struct single_elements {
    struct unit {
        float x[lane_columns];
    };

    Source source;
    int columns;

    __device__ __forceinline__ unit get(int row, int column) const {
        unit result;
#pragma unroll
        for (int i = 0; i < lane_columns; i++) {
            result.x[i] = column + i < columns ? source.element(row, column + i) : 0.0f;
        }

        return result;
    }

    __device__ __forceinline__ static void convert(const unit& from, float (&x)[lane_columns]) {
#pragma unroll
        for (int i = 0; i < lane_columns; i++) {
            x[i] = from.x[i];
        }
    }
};

// The largest magnitudes of a warp's tokens, column by column.
struct alignas(16) column_magnitudes {
    unsigned of[lane_columns];
};

struct alignas(8) column_divisor {
    float scale, reciprocal;
};

template <bool stores_words, typename Source>
__device__ __forceinline__ void transpose(
    const Source& source, const int* offsets, int groups, int rows, int places, int columns, rows_of<unsigned char> codes, rows_of<float> scales,
    bool is_power_of_two) {
    // A column's codes are words of four tokens. Padded: lanes that write words of different columns write to different banks, but for two at a time.
    constexpr int words = tile_elements / lane_tokens, pitch = words + 1;
    __shared__ column_magnitudes largest[strip_warps][column_lanes];
    __shared__ column_divisor divisors[strip_columns];
    __shared__ unsigned strip[strip_columns * pitch];
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first = blockIdx.x * strip_columns;
    const int column = lane % column_lanes * lane_columns, token = warp * warp_tokens + lane / column_lanes * lane_tokens;
    // Tokens of a place, and the lane's of them. Those of the next place are on their way while the block is at one.
    typename Source::unit units[lane_tokens];
    const auto fetch = [&](int place) {
        tile_place at;
        if (place >= places || !find_rows<tile_elements>(offsets, groups, rows, place, at)) {
            return 0;
        }

        const int count = min(tile_elements, at.end - at.row);
#pragma unroll
        for (int t = 0; t < lane_tokens; t++) {
            units[t] = token + t < count && first + column < columns ? source.get(at.row + token + t, first + column) : typename Source::unit{};
        }

        return count;
    };

    int following = fetch(blockIdx.y);
    for (int place = blockIdx.y; place < places; place += gridDim.y) {
        const int count = following;
        float numbers[lane_tokens][lane_columns];
#pragma unroll
        for (int t = 0; t < lane_tokens; t++) {
            Source::convert(units[t], numbers[t]);
        }

        following = fetch(place + gridDim.y);
        if (count == 0) {
            continue;
        }

        column_magnitudes magnitudes;
#pragma unroll
        for (int i = 0; i < lane_columns; i++) {
            unsigned magnitude = 0;
#pragma unroll
            for (int t = 0; t < lane_tokens; t++) {
                magnitude = max(magnitude, magnitude_of(numbers[t][i]));
            }

#pragma unroll
            for (int distance = column_lanes; distance < 32; distance *= 2) {
                magnitude = max(magnitude, __shfl_xor_sync(all_lanes, magnitude, distance));
            }

            magnitudes.of[i] = magnitude;
        }

        if (lane < column_lanes) {
            largest[warp][lane] = magnitudes;
        }

        __syncthreads();
        if (threadIdx.x < strip_columns) {
            unsigned magnitude = 0;
#pragma unroll
            for (int w = 0; w < strip_warps; w++) {
                magnitude = max(magnitude, largest[w][threadIdx.x / lane_columns].of[threadIdx.x % lane_columns]);
            }

            const tile_divisor divisor = divisor_of(e4m3_scale_of(magnitude, is_power_of_two));
            divisors[threadIdx.x] = {divisor.scale, divisor.reciprocal};
            if (first + static_cast<int>(threadIdx.x) < columns) {
                scales.data[place * scales.stride + first + threadIdx.x] = divisor.scale;
            }
        }

        __syncthreads();
        // Behind the group's last row codes are zero, of a tile that is not finite too.
        const int there = count - token;
        const unsigned mask = there >= lane_tokens ? ~0u : there <= 0 ? 0u : (1u << 8 * there) - 1;
#pragma unroll
        for (int i = 0; i < lane_columns; i++) {
            const float four[lane_tokens] = {numbers[0][i], numbers[1][i], numbers[2][i], numbers[3][i]};
            const column_divisor of_column = divisors[column + i];
            strip[(column + i) * pitch + token / lane_tokens] = codes_of(four, divisor_of(of_column.scale, of_column.reciprocal)) & mask;
        }

        __syncthreads();
        for (int c = warp; c < strip_columns && first + c < columns; c += strip_warps) {
            unsigned char* to = codes.data + (first + c) * codes.stride + static_cast<long long>(place) * tile_elements;
            const unsigned word = strip[c * pitch + lane];
            if constexpr (stores_words) {
                reinterpret_cast<unsigned*>(to)[lane] = word;
            } else {
#pragma unroll
                for (int t = 0; t < lane_tokens; t++) {
                    to[lane * lane_tokens + t] = static_cast<unsigned char>(word >> 8 * t);
                }
            }
        }
    }
}

#define TRANSPOSE_KERNEL(name, T)                                                                                                              \
    extern "C" __global__ void __launch_bounds__(32 * strip_warps, strip_blocks) quantize_transposed_##name(                                   \
        rows_of<const T> x, const int* offsets, int groups, int rows, int places, int columns, rows_of<unsigned char> codes,                   \
        rows_of<float> scales, bool is_power_of_two, bool is_packed) {                                                                         \
        const plain_rows<T> source{x};                                                                                                         \
        if (is_packed) {                                                                                                                       \
            transpose<true>(source, offsets, groups, rows, places, columns, codes, scales, is_power_of_two);                                   \
        } else {                                                                                                                               \
            transpose<false>(                                                                                                                  \
                single_elements<plain_rows<T>>{source, columns}, offsets, groups, rows, places, columns, codes, scales, is_power_of_two);      \
        }                                                                                                                                      \
    }

TRANSPOSE_KERNEL(float32, float)
TRANSPOSE_KERNEL(bfloat16, bfloat16)

extern "C" __global__ void __launch_bounds__(32 * strip_warps, strip_blocks) requantize_transposed(
    rows_of<const unsigned char> x, rows_of<const float> x_scales, tile_cuts cuts, const int* offsets, int groups, int rows, int places, int columns,
    rows_of<unsigned char> codes, rows_of<float> scales, bool is_power_of_two, bool is_packed) {
    const dequantized_rows source{x, x_scales, cuts};
    if (is_packed) {
        transpose<true>(source, offsets, groups, rows, places, columns, codes, scales, is_power_of_two);
    } else {
        transpose<false>(
            single_elements<dequantized_rows>{source, columns}, offsets, groups, rows, places, columns, codes, scales, is_power_of_two);
    }
}

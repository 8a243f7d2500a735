// Products in float32: every element is one chain of fused multiply-adds in the order of the sum, whatever tile computes it. So a row has the same bits
// whichever rows are beside it, and a grouped product those of the products of its groups. Tensor cores would round operands (TF32) and are not used.
#include "async_copy.cuh"
#include "product.cuh"

// Threads of a block each compute rows_each x columns_each of tile_rows x tile_columns, in pieces of up to 4 neighbours; a stage is depth of the sum.
template <int tile_rows, int tile_columns, int stage_depth, int rows_each, int columns_each, int stage_count>
struct float_tiles {
    static constexpr int rows = tile_rows, columns = tile_columns, depth = stage_depth, stages = stage_count;
    static constexpr int row_piece = rows_each < 4 ? rows_each : 4, column_piece = columns_each < 4 ? columns_each : 4;
    static constexpr int row_pieces = rows_each / row_piece, column_pieces = columns_each / column_piece;
    static constexpr int thread_columns = tile_columns / columns_each, threads = tile_rows / rows_each * thread_columns;
    // Padded: threads that copy one row to several depths write to different banks.
    static constexpr int a_pitch = tile_rows + 4, b_pitch = tile_columns + 4, stage_floats = stage_depth * (a_pitch + b_pitch);
};

using wide_tiles = float_tiles<128, 128, 16, 8, 8, 2>;
using small_tiles = float_tiles<64, 64, 16, 4, 4, 3>;
using low_tiles = float_tiles<16, 32, 32, 4, 1, 5>;

// Rows row.. up to row_end of an operand at depths k.. up to k_end, to shared[depth][row]; zeros beyond.
template <lie how, int tile, int depth, int pitch, int threads>
__device__ __forceinline__ void copy_operand(float* shared, const float* data, long long stride, int row, int row_end, int k, int k_end) {
    constexpr int width = how == lie::along ? depth : tile, height = how == lie::along ? tile : depth, step = threads / width;
    static_assert(threads % width == 0 && height % step == 0, "every thread copies as much");
    const int fast = threadIdx.x % width, slow = threadIdx.x / width;
#pragma unroll
    for (int i = 0; i < height / step; i++) {
        const int r = how == lie::along ? slow + i * step : fast, d = how == lie::along ? fast : slow + i * step;
        const bool is_there = row + r < row_end && k + d < k_end;
        const long long at = how == lie::along ? (row + r) * stride + k + d : (k + d) * stride + row + r;
        copy_4(place_of(shared + d * pitch + r), is_there ? data + at : data, is_there);
    }
}

template <int count>
__device__ __forceinline__ void read(const float* from, float* to) {
    if constexpr (count == 4) {
        float words[4];
        reinterpret_cast<const pack<float>*>(from)->get(words);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            to[i] = words[i];
        }
    } else {
#pragma unroll
        for (int i = 0; i < count; i++) {
            to[i] = from[i];
        }
    }
}

template <typename tiles>
using float_sums = float[tiles::row_pieces * tiles::row_piece][tiles::column_pieces * tiles::column_piece];

template <typename tiles>
__device__ __forceinline__ void add_stage(const float* a, const float* b, float_sums<tiles>& sums) {
    constexpr int row_piece = tiles::row_piece, column_piece = tiles::column_piece;
    const int column = threadIdx.x % tiles::thread_columns, row = threadIdx.x / tiles::thread_columns;
#pragma unroll
    for (int d = 0; d < tiles::depth; d++) {
        float left[tiles::row_pieces * row_piece], right[tiles::column_pieces * column_piece];
#pragma unroll
        for (int i = 0; i < tiles::row_pieces; i++) {
            read<row_piece>(a + d * tiles::a_pitch + i * (tiles::rows / tiles::row_pieces) + row * row_piece, left + i * row_piece);
        }

#pragma unroll
        for (int j = 0; j < tiles::column_pieces; j++) {
            read<column_piece>(b + d * tiles::b_pitch + j * (tiles::columns / tiles::column_pieces) + column * column_piece, right + j * column_piece);
        }

#pragma unroll
        for (int i = 0; i < tiles::row_pieces * row_piece; i++) {
#pragma unroll
            for (int j = 0; j < tiles::column_pieces * column_piece; j++) {
                sums[i][j] = fmaf(left[i], right[j], sums[i][j]);
            }
        }
    }
}

// The sums of a tile over k.. up to k_end.
template <typename tiles, lie a_lies, lie b_lies>
__device__ __forceinline__ void sum_tile(
    const float* a, long long a_stride, int row, int row_end, const float* b, long long b_stride, int column, int column_end, int k, int k_end,
    float* shared, float_sums<tiles>& sums) {
    const int steps = (k_end - k + tiles::depth - 1) / tiles::depth;
    const auto copy_stage = [&](int step) {
        if (step < steps) {
            float* stage = shared + step % tiles::stages * tiles::stage_floats;
            const int first = k + step * tiles::depth;
            copy_operand<a_lies, tiles::rows, tiles::depth, tiles::a_pitch, tiles::threads>(stage, a, a_stride, row, row_end, first, k_end);
            copy_operand<b_lies, tiles::columns, tiles::depth, tiles::b_pitch, tiles::threads>(
                stage + tiles::depth * tiles::a_pitch, b, b_stride, column, column_end, first, k_end);
        }

        end_batch();
    };
#pragma unroll
    for (int step = 0; step < tiles::stages - 1; step++) {
        copy_stage(step);
    }

    for (int step = 0; step < steps; step++) {
        wait_for_batches<tiles::stages - 2>();
        // All see this stage's copies, and have done with the stage before it, whose place the next copies take.
        __syncthreads();
        copy_stage(step + tiles::stages - 1);
        const float* stage = shared + step % tiles::stages * tiles::stage_floats;
        add_stage<tiles>(stage, stage + tiles::depth * tiles::a_pitch, sums);
    }
}

// result = [addend +] sums; both point to the group's first row.
template <typename tiles>
__device__ __forceinline__ void store_tile(
    const float_sums<tiles>& sums, float* result, long long result_stride, const float* addend, long long addend_stride, int row, int row_end,
    int column, int column_end) {
    constexpr int row_piece = tiles::row_piece, column_piece = tiles::column_piece;
    const int thread_column = threadIdx.x % tiles::thread_columns, thread_row = threadIdx.x / tiles::thread_columns;
    const bool is_packed = column_piece == 4 && (reinterpret_cast<unsigned long long>(result) | reinterpret_cast<unsigned long long>(addend)) % 16 == 0
        && (result_stride | addend_stride) % 4 == 0;
#pragma unroll
    for (int i = 0; i < tiles::row_pieces * row_piece; i++) {
        const int r = row + i / row_piece * (tiles::rows / tiles::row_pieces) + thread_row * row_piece + i % row_piece;
        if (r >= row_end) {
            continue;
        }

#pragma unroll
        for (int j = 0; j < tiles::column_pieces; j++) {
            const int c = column + j * (tiles::columns / tiles::column_pieces) + thread_column * column_piece;
            float* to = result + r * result_stride + c;
            const float* from = addend + r * addend_stride + c;
            if constexpr (column_piece == 4) {
                if (is_packed && c + 4 <= column_end) {
                    float words[4] = {0.0f, 0.0f, 0.0f, 0.0f};
                    if (addend != nullptr) {
                        reinterpret_cast<const pack<float>*>(from)->get(words);
                    }

#pragma unroll
                    for (int e = 0; e < 4; e++) {
                        words[e] = addend != nullptr ? words[e] + sums[i][4 * j + e] : sums[i][4 * j + e];
                    }

                    reinterpret_cast<pack<float>*>(to)->set(words);
                    continue;
                }
            }

#pragma unroll
            for (int e = 0; e < column_piece; e++) {
                if (c + e < column_end) {
                    const float sum = sums[i][j * column_piece + e];
                    to[e] = addend != nullptr ? from[e] + sum : sum;
                }
            }
        }
    }
}

// y = [addend +] x W^T or dx = [addend +] dy W, grouped by rows of the result. The matrices of b are one after the other.
template <typename tiles, lie b_lies>
__device__ __forceinline__ void product_of_rows(const product& p) {
    __shared__ pack<float> stages[tiles::stages * tiles::stage_floats / 4];
    tile_place at;
    if (!find_row_tile<tiles::rows, tiles::columns>(p, at)) {
        return;
    }

    const float* b = static_cast<const float*>(p.b.data) + static_cast<long long>(at.group) * (b_lies == lie::along ? p.columns : p.depth) * p.b.stride;
    float_sums<tiles> sums = {};
    sum_tile<tiles, lie::along, b_lies>(
        static_cast<const float*>(p.a.data), p.a.stride, at.row, at.end, b, p.b.stride, at.column, p.columns, 0, p.depth,
        reinterpret_cast<float*>(stages), sums);
    store_tile<tiles>(
        sums, static_cast<float*>(p.result.data), p.result.stride, static_cast<const float*>(p.addend.data), p.addend.stride, at.row, at.end, at.column, p.columns);
}

// dW = [addend +] dy^T x, grouped by what is summed over. The matrices of result and addend are one after the other; those of a split follow those of the
// split before it.
template <typename tiles>
__device__ __forceinline__ void product_over_rows(const product& p) {
    __shared__ pack<float> stages[tiles::stages * tiles::stage_floats / 4];
    tile_place at;
    find_sum_tile<tiles::rows, tiles::columns, tiles::depth>(p, at);
    const long long matrix = (static_cast<long long>(blockIdx.y) * p.groups + at.group) * p.rows;
    const float* addend = static_cast<const float*>(p.addend.data);
    float_sums<tiles> sums = {};
    sum_tile<tiles, lie::across, lie::across>(
        static_cast<const float*>(p.a.data), p.a.stride, at.row, p.rows, static_cast<const float*>(p.b.data), p.b.stride, at.column, p.columns, at.begin, at.end,
        reinterpret_cast<float*>(stages), sums);
    store_tile<tiles>(
        sums, static_cast<float*>(p.result.data) + matrix * p.result.stride, p.result.stride, addend == nullptr ? nullptr : addend + matrix * p.addend.stride,
        p.addend.stride, at.row, p.rows, at.column, p.columns);
}

#define PRODUCTS(tiles, blocks)                                                                                                    \
    extern "C" __global__ void __launch_bounds__(tiles##_tiles::threads, blocks) linear_##tiles##_float32(product p) {             \
        product_of_rows<tiles##_tiles, lie::along>(p);                                                                             \
    }                                                                                                                              \
    extern "C" __global__ void __launch_bounds__(tiles##_tiles::threads, blocks) linear_backward_input_##tiles##_float32(product p) { \
        product_of_rows<tiles##_tiles, lie::across>(p);                                                                            \
    }

#define WEIGHT_PRODUCTS(tiles, blocks)                                                                                              \
    extern "C" __global__ void __launch_bounds__(tiles##_tiles::threads, blocks) linear_backward_weight_##tiles##_float32(product p) { \
        product_over_rows<tiles##_tiles>(p);                                                                                        \
    }

PRODUCTS(wide, 2)
PRODUCTS(small, 3)
PRODUCTS(low, 4)
WEIGHT_PRODUCTS(wide, 2)
WEIGHT_PRODUCTS(small, 3)

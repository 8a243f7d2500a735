// Products of bfloat16 on tensor cores, sums in float32. Every element is one chain over the sum in its order, 16 at a time, whatever tile computes it.
#include "product.cuh"
#include "scalars.cuh"
#include "tensor_core.cuh"

extern __shared__ pack<bfloat16> stages[];

// Warps each compute warp_rows x warp_columns of tile_rows x tile_columns; a stage is depth of the sum.
template <int tile_rows, int tile_columns, int stage_depth, int warp_rows, int warp_columns, int stage_count>
struct tensor_tiles {
    static constexpr int rows = tile_rows, columns = tile_columns, depth = stage_depth, stages = stage_count;
    static constexpr int warp_row_parts = warp_rows / 16, warp_column_parts = warp_columns / 8;
    static constexpr int warps_beside = tile_columns / warp_columns, threads = tile_rows / warp_rows * warps_beside * 32;
    static constexpr int a_packs = tile_rows * stage_depth / 8, b_packs = tile_columns * stage_depth / 8, stage_packs = a_packs + b_packs;
    static_assert(warp_column_parts % 2 == 0, "two parts of a right operand are loaded at once");
};

// Shared memory, which a launch asks for: 192, 96, 64 and 80 KiB. Mirrors Actors.Gpu.Operations.Products.BFloat16Products.
using wide_tiles = tensor_tiles<128, 256, 64, 64, 64, 4>;
using square_tiles = tensor_tiles<128, 128, 64, 64, 64, 3>;
using small_tiles = tensor_tiles<64, 64, 64, 32, 32, 4>;
using low_tiles = tensor_tiles<16, 64, 128, 16, 16, 4>;

// An operand in shared memory is lines of packs: a line a row where rows lie along the sum, else a line a depth. Packs of a line are shuffled, so that
// neither a warp's copies nor the eight rows of a matrix, which are packs of eight lines, meet in a bank.
template <int line_packs>
__device__ __forceinline__ int pack_at(int line, int p) {
    return line * line_packs + (p ^ (line & 7));
}

// Up to 8 elements that begin anywhere; zeros after them.
__device__ __forceinline__ pack<bfloat16> read_elements(const bfloat16* from, int count) {
    pack<bfloat16> result;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const unsigned low = 2 * i < count ? from[2 * i].bits : 0u, high = 2 * i + 1 < count ? from[2 * i + 1].bits : 0u;
        result.words[i] = low | high << 16;
    }

    return result;
}

// Rows row.. up to row_end of an operand at depths k.. up to k_end; zeros beyond. Aligned: it begins at a multiple of 16 bytes, and so do its rows.
template <lie how, int tile, int depth, int threads, bool is_aligned>
__device__ __forceinline__ void copy_operand(
    pack<bfloat16>* shared, const bfloat16* data, long long stride, int row, int row_end, int k, int k_end) {
    constexpr int line_packs = (how == lie::along ? depth : tile) / 8, lines = how == lie::along ? tile : depth;
    static_assert(lines * line_packs % threads == 0 && threads % line_packs == 0, "every thread copies as much");
    const int first_line = how == lie::along ? row : k, line_end = how == lie::along ? row_end : k_end;
    const int p = threadIdx.x % line_packs;
    const int first = (how == lie::along ? k : row) + 8 * p, left = (how == lie::along ? k_end : row_end) - first;
    const int count = left < 0 ? 0 : left < 8 ? left : 8;
#pragma unroll
    for (int i = 0; i < lines * line_packs / threads; i++) {
        const int line = threadIdx.x / line_packs + i * (threads / line_packs);
        const int there = first_line + line < line_end ? count : 0;
        const bfloat16* from = there == 0 ? data : data + static_cast<long long>(first_line + line) * stride + first;
        if constexpr (is_aligned) {
            copy_16(place_of(shared + pack_at<line_packs>(line, p)), from, 2 * there);
        } else {
            shared[pack_at<line_packs>(line, p)] = read_elements(from, there);
        }
    }
}

template <typename tiles>
struct fragments {
    unsigned a[tiles::warp_row_parts][4], b[tiles::warp_column_parts / 2][4];
};

// A warp's operands at depths 16 * part.. of a stage.
template <typename tiles, lie a_lies, lie b_lies>
__device__ __forceinline__ void load_fragments(fragments<tiles>& to, const pack<bfloat16>* stage, int part) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int row = warp / tiles::warps_beside * tiles::warp_row_parts * 16, column = warp % tiles::warps_beside * tiles::warp_column_parts * 8;
    const int line = lane % 8, low = lane / 8 % 2, high = lane / 16;
#pragma unroll
    for (int i = 0; i < tiles::warp_row_parts; i++) {
        // Matrices: the rows' first and second half at the depths' first half, then at their second half.
        const int r = row + 16 * i;
        const int at = a_lies == lie::along ? pack_at<tiles::depth / 8>(r + 8 * low + line, 2 * part + high)
                                            : pack_at<tiles::rows / 8>(16 * part + 8 * high + line, r / 8 + low);
        load_matrices<a_lies == lie::across>(to.a[i], place_of(stage + at));
    }

#pragma unroll
    for (int j = 0; j < tiles::warp_column_parts / 2; j++) {
        // Matrices: the depths' first and second half at the columns' first half, then at their second half.
        const int c = column + 16 * j;
        const int at = b_lies == lie::along ? pack_at<tiles::depth / 8>(c + 8 * high + line, 2 * part + low)
                                            : pack_at<tiles::columns / 8>(16 * part + 8 * low + line, c / 8 + high);
        load_matrices<b_lies == lie::across>(to.b[j], place_of(stage + tiles::a_packs + at));
    }
}

template <typename tiles>
using tensor_sums = float[tiles::warp_row_parts][tiles::warp_column_parts][4];

// The sums of a tile over k.. up to k_end.
template <typename tiles, lie a_lies, lie b_lies, bool is_aligned>
__device__ __forceinline__ void sum_tile(
    const bfloat16* a, long long a_stride, int row, int row_end, const bfloat16* b, long long b_stride, int column, int column_end, int k, int k_end,
    tensor_sums<tiles>& sums) {
    constexpr int parts = tiles::depth / 16;
    const int steps = (k_end - k + tiles::depth - 1) / tiles::depth;
    const auto copy_stage = [&](int step) {
        if (step < steps) {
            pack<bfloat16>* stage = stages + step % tiles::stages * tiles::stage_packs;
            const int first = k + step * tiles::depth;
            copy_operand<a_lies, tiles::rows, tiles::depth, tiles::threads, is_aligned>(stage, a, a_stride, row, row_end, first, k_end);
            copy_operand<b_lies, tiles::columns, tiles::depth, tiles::threads, is_aligned>(
                stage + tiles::a_packs, b, b_stride, column, column_end, first, k_end);
        }

        end_batch();
    };
#pragma unroll
    for (int step = 0; step < tiles::stages - 1; step++) {
        copy_stage(step);
    }

    wait_for_batches<tiles::stages - 2>();
    __syncthreads();
    // While one part is multiplied, the next is loaded.
    fragments<tiles> loaded[2];
    load_fragments<tiles, a_lies, b_lies>(loaded[0], stages, 0);
    for (int step = 0; step < steps; step++) {
        const pack<bfloat16>* stage = stages + step % tiles::stages * tiles::stage_packs;
#pragma unroll
        for (int part = 0; part < parts; part++) {
            if (part == parts - 1) {
                // All see the next stage's copies, and have loaded the last of this stage, whose place the copies of the next step take.
                wait_for_batches<tiles::stages - 2>();
                __syncthreads();
                stage = stages + (step + 1) % tiles::stages * tiles::stage_packs;
            }

            // After the last step this loads what nobody multiplies.
            load_fragments<tiles, a_lies, b_lies>(loaded[(part + 1) % 2], stage, (part + 1) % parts);
            if (part == 0) {
                copy_stage(step + tiles::stages - 1);
            }

            const fragments<tiles>& now = loaded[part % 2];
#pragma unroll
            for (int i = 0; i < tiles::warp_row_parts; i++) {
#pragma unroll
                for (int j = 0; j < tiles::warp_column_parts; j++) {
                    multiply_add(sums[i][j], now.a[i], now.b[j / 2][2 * (j % 2)], now.b[j / 2][2 * (j % 2) + 1]);
                }
            }
        }
    }

    // Copies of no bytes may still be counted.
    wait_for_batches<0>();
}

// Four neighbours of a row.
template <typename T>
struct alignas(4 * sizeof(T)) four {
    T elements[4];
};

// to[0..3] = [addend +] sums, as far as the row goes.
template <typename T>
__device__ __forceinline__ void store_four(T* to, const T* addend, const float (&sums)[4], int left, bool is_packed) {
    if (is_packed && left >= 4) {
        four<T> result;
        if (addend != nullptr) {
            result = *reinterpret_cast<const four<T>*>(addend);
        }

#pragma unroll
        for (int e = 0; e < 4; e++) {
            store(&result.elements[e], addend != nullptr ? load(&result.elements[e]) + sums[e] : sums[e]);
        }

        *reinterpret_cast<four<T>*>(to) = result;
        return;
    }

#pragma unroll
    for (int e = 0; e < 4; e++) {
        if (e < left) {
            store(to + e, addend != nullptr ? load(addend + e) + sums[e] : sums[e]);
        }
    }
}

// result = [addend +] sums; both point to the group's first row.
template <typename tiles, typename T>
__device__ __forceinline__ void store_tile(
    const tensor_sums<tiles>& sums, T* result, long long result_stride, const T* addend, long long addend_stride, int row, int row_end, int column,
    int column_end) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const bool is_odd = lane % 2 == 1;
    // Of two neighbouring lanes each takes one row: the even one the upper row's four columns, the odd one the lower's.
    const int first_row = row + warp / tiles::warps_beside * tiles::warp_row_parts * 16 + lane / 4 + (is_odd ? 8 : 0);
    const int first_column = column + warp % tiles::warps_beside * tiles::warp_column_parts * 8 + lane % 4 / 2 * 4;
    const bool is_packed = (reinterpret_cast<unsigned long long>(result) | reinterpret_cast<unsigned long long>(addend)) % (4 * sizeof(T)) == 0
        && (result_stride | addend_stride) % 4 == 0;
#pragma unroll
    for (int i = 0; i < tiles::warp_row_parts; i++) {
        const int r = first_row + 16 * i;
#pragma unroll
        for (int j = 0; j < tiles::warp_column_parts; j++) {
            const float(&mine)[4] = sums[i][j];
            const float other_0 = __shfl_xor_sync(all_lanes, is_odd ? mine[0] : mine[2], 1);
            const float other_1 = __shfl_xor_sync(all_lanes, is_odd ? mine[1] : mine[3], 1);
            const float numbers[4] = {is_odd ? other_0 : mine[0], is_odd ? other_1 : mine[1], is_odd ? mine[2] : other_0, is_odd ? mine[3] : other_1};
            const int c = first_column + 8 * j;
            if (r < row_end) {
                store_four(
                    result + r * result_stride + c, addend == nullptr ? nullptr : addend + r * addend_stride + c, numbers, column_end - c, is_packed);
            }
        }
    }
}

template <typename tiles, typename T>
__device__ __forceinline__ void store_group(const product& p, const tensor_sums<tiles>& sums, long long matrix, const tile_place& at, int row_end) {
    T* result = static_cast<T*>(p.result.data) + matrix * p.result.stride;
    const T* addend = p.addend.data == nullptr ? nullptr : static_cast<const T*>(p.addend.data) + matrix * p.addend.stride;
    store_tile<tiles, T>(sums, result, p.result.stride, addend, p.addend.stride, at.row, row_end, at.column, p.columns);
}

// y = [addend +] x W^T or dx = [addend +] dy W, grouped by rows of the result. The matrices of b are one after the other.
template <typename tiles, lie b_lies, bool is_aligned>
__device__ __forceinline__ void product_of_rows(const product& p) {
    tile_place at;
    if (!find_row_tile<tiles::rows, tiles::columns>(p, at)) {
        return;
    }

    const bfloat16* b = static_cast<const bfloat16*>(p.b.data) + static_cast<long long>(at.group) * (b_lies == lie::along ? p.columns : p.depth) * p.b.stride;
    tensor_sums<tiles> sums = {};
    sum_tile<tiles, lie::along, b_lies, is_aligned>(
        static_cast<const bfloat16*>(p.a.data), p.a.stride, at.row, at.end, b, p.b.stride, at.column, p.columns, 0, p.depth, sums);
    if (p.result_is_float) {
        store_group<tiles, float>(p, sums, 0, at, at.end);
    } else {
        store_group<tiles, bfloat16>(p, sums, 0, at, at.end);
    }
}

// dW = [addend +] dy^T x in float32, grouped by what is summed over. The matrices of result and addend are one after the other; those of a split follow
// those of the split before it.
template <typename tiles, bool is_aligned>
__device__ __forceinline__ void product_over_rows(const product& p) {
    tile_place at;
    find_sum_tile<tiles::rows, tiles::columns, tiles::depth>(p, at);
    tensor_sums<tiles> sums = {};
    sum_tile<tiles, lie::across, lie::across, is_aligned>(
        static_cast<const bfloat16*>(p.a.data), p.a.stride, at.row, p.rows, static_cast<const bfloat16*>(p.b.data), p.b.stride, at.column, p.columns,
        at.begin, at.end, sums);
    store_group<tiles, float>(p, sums, (static_cast<long long>(blockIdx.y) * p.groups + at.group) * p.rows, at, p.rows);
}

#define KERNEL(name, tiles, blocks, computes)                                                                            \
    extern "C" __global__ void __launch_bounds__(tiles::threads, blocks) name##_bfloat16(product p) {                     \
        computes(p);                                                                                                     \
    }

#define PRODUCTS(name, tiles, blocks, is_aligned)                                                                         \
    KERNEL(linear_##name, tiles, blocks, (product_of_rows<tiles, lie::along, is_aligned>))                                \
    KERNEL(linear_backward_input_##name, tiles, blocks, (product_of_rows<tiles, lie::across, is_aligned>))

#define WEIGHT_PRODUCTS(name, tiles, blocks, is_aligned) KERNEL(linear_backward_weight_##name, tiles, blocks, (product_over_rows<tiles, is_aligned>))

PRODUCTS(wide, wide_tiles, 1, true)
PRODUCTS(square, square_tiles, 2, true)
PRODUCTS(small, small_tiles, 3, true)
PRODUCTS(low, low_tiles, 2, true)
PRODUCTS(unaligned, small_tiles, 3, false)
WEIGHT_PRODUCTS(wide, wide_tiles, 1, true)
WEIGHT_PRODUCTS(square, square_tiles, 2, true)
WEIGHT_PRODUCTS(small, small_tiles, 3, true)
WEIGHT_PRODUCTS(unaligned, small_tiles, 3, false)

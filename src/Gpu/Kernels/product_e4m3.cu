// Products of E4M3 with scales, in float32 and in the order of the contract: over a tile of up to 128 in index order from zero, then sum = fma(tile's sum,
// scale * scale, sum), tile after tile. So an element has the bits of the CPU, whatever rows are beside it.
#include "scaled_product.cuh"

constexpr int part_rows = 64, part_columns = 64, part_depth = 32, each = 4, part_pitch = part_rows + 4;

using scaled_sums = float[each][each];

// 64 rows at 32 depths to shared[depth][row], as numbers; zeros beyond. Rows lie along the sum, or across it.
template <lie how>
__device__ __forceinline__ void decode_operand(float* shared, const unsigned char* codes, long long stride, int row, int row_end, int k, int k_end) {
#pragma unroll
    for (int i = 0; i < part_rows * part_depth / 256; i++) {
        const int at = threadIdx.x + 256 * i;
        const int r = how == lie::along ? at / part_depth : at % part_rows, d = how == lie::along ? at % part_depth : at / part_rows;
        const bool is_there = row + r < row_end && k + d < k_end;
        const long long place = how == lie::along ? (row + r) * stride + k + d : (k + d) * stride + row + r;
        shared[d * part_pitch + r] = is_there ? e4m3::decode(codes[place]) : 0.0f;
    }
}

// The sums of a part of the result. Codes, scales and depths are those of its group.
template <lie b_lies>
__device__ __forceinline__ void sum_scaled(
    const scaled_codes& a, int row, int row_end, const scaled_codes& b, int column, int column_end, int column_tile, tile_cuts depth, scaled_sums& sums) {
    __shared__ float left[part_depth * part_pitch], right[part_depth * part_pitch];
    const int thread_column = threadIdx.x % 16 * each, thread_row = threadIdx.x / 16 * each;
    for (int tile = 0; tile < depth.count(); tile++) {
        const int start = depth.start(tile), end = start + depth.size(tile);
        scaled_sums parts = {};
        for (int k = start; k < end; k += part_depth) {
            __syncthreads();
            decode_operand<lie::along>(left, a.codes, a.stride, row, row_end, k, end);
            decode_operand<b_lies>(right, b.codes, b.stride, column, column_end, k, end);
            __syncthreads();
#pragma unroll 8
            for (int d = 0; d < part_depth; d++) {
#pragma unroll
                for (int i = 0; i < each; i++) {
#pragma unroll
                    for (int j = 0; j < each; j++) {
                        parts[i][j] = fmaf(left[d * part_pitch + thread_row + i], right[d * part_pitch + thread_column + j], parts[i][j]);
                    }
                }
            }
        }

#pragma unroll
        for (int i = 0; i < each; i++) {
            const int r = min(row + thread_row + i, row_end - 1);
            const float row_scale = a.scales[r * a.element_scale + tile * a.tile_scale];
#pragma unroll
            for (int j = 0; j < each; j++) {
                const int c = min(column + thread_column + j, column_end - 1);
                const float scale = row_scale * b.scales[c * b.element_scale + column_tile * b.block_scale + tile * b.tile_scale];
                sums[i][j] = fmaf(parts[i][j], scale, sums[i][j]);
            }
        }
    }
}

template <typename T>
__device__ __forceinline__ void store_scaled(
    const scaled_product& p, const scaled_sums& sums, long long matrix_row, int row, int row_end, int column, int column_end) {
    const int thread_column = threadIdx.x % 16 * each, thread_row = threadIdx.x / 16 * each;
#pragma unroll
    for (int i = 0; i < each; i++) {
#pragma unroll
        for (int j = 0; j < each; j++) {
            const int r = row + thread_row + i, c = column + thread_column + j;
            if (r < row_end && c < column_end) {
                const T* addend = static_cast<const T*>(p.addend.data) + (matrix_row + r) * p.addend.stride + c;
                const float sum = p.addend.data == nullptr ? sums[i][j] : load(addend) + sums[i][j];
                store(static_cast<T*>(p.result.data) + (matrix_row + r) * p.result.stride + c, sum);
            }
        }
    }
}

// The block's columns: half of a tile of them; false: the half is empty.
__device__ __forceinline__ bool find_columns(const scaled_product& p, int& tile, int& column, int& column_end) {
    tile = blockIdx.x / 2;
    column = p.columns.start(tile) + blockIdx.x % 2 * part_columns;
    column_end = p.columns.start(tile) + p.columns.size(tile);
    return column < column_end;
}

// y = [addend +] x W^T or dx = [addend +] dy W. Grid: halves of tiles of columns, places of 64 rows.
template <lie b_lies>
__device__ __forceinline__ void scaled_product_of_rows(const scaled_product& p) {
    tile_place at;
    int tile, column, column_end;
    if (!find_rows<part_rows>(p.offsets, p.groups, p.rows, blockIdx.y, at) || !find_columns(p, tile, column, column_end)) {
        return;
    }

    scaled_codes b = p.b;
    b.codes += at.group * b.matrix_codes;
    b.scales += at.group * b.matrix_scales;
    scaled_sums sums = {};
    sum_scaled<b_lies>(p.a, at.row, at.end, b, column, column_end, tile, p.depth, sums);
    if (p.result_is_float) {
        store_scaled<float>(p, sums, 0, at.row, at.end, column, column_end);
    } else {
        store_scaled<bfloat16>(p, sums, 0, at.row, at.end, column, column_end);
    }
}

extern "C" __global__ void __launch_bounds__(256) quantized_linear(scaled_product p) {
    scaled_product_of_rows<lie::along>(p);
}

extern "C" __global__ void __launch_bounds__(256) quantized_linear_backward_input(scaled_product p) {
    scaled_product_of_rows<lie::across>(p);
}

// dW = [addend +] dy^T x of each group, of rows that are transposed. Grid: halves of tiles of columns, 64 rows of the result, groups.
extern "C" __global__ void __launch_bounds__(256) quantized_linear_backward_weight(scaled_product p) {
    const int group = blockIdx.z, begin = p.offsets == nullptr ? 0 : p.offsets[group], end = p.offsets == nullptr ? p.rows : p.offsets[group + 1];
    const long long place = begin / tile_elements + group;
    int tile, column, column_end;
    if (!find_columns(p, tile, column, column_end)) {
        return;
    }

    scaled_codes a = p.a, b = p.b;
    a.codes += place * tile_elements;
    b.codes += place * tile_elements;
    a.scales += place * a.tile_scale;
    b.scales += place * b.tile_scale;
    const int row = blockIdx.y * part_rows;
    scaled_sums sums = {};
    sum_scaled<lie::along>(a, row, p.outputs, b, column, column_end, tile, {end - begin, end - begin}, sums);
    store_scaled<float>(p, sums, static_cast<long long>(group) * p.outputs, row, p.outputs, column, column_end);
}

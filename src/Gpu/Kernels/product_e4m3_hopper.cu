// Products of E4M3 with scales on Hopper's tensor cores: a tile of 128 of the sum is four instructions, whose sums keep some 14 bits, and is then added in float32,
// sum = fma(tile's sum, scale * scale, sum), tile after tile. One warp copies tiles of both operands into a ring of stages, two groups of four warps multiply them,
// 64 of the block's 128 rows each; while one group adds, the other multiplies. Rows of both operands lie along the sum.
#if __CUDA_ARCH__ >= 900
#include "async_tensor_core.cuh"
#include "bulk_copy.cuh"
#include "product_tiles.cuh"
#include "scaled_product.cuh"

// Dynamic shared memory of a block: 192 KiB and two barriers a stage. Mirrors Actors.Gpu.Operations.Products.QuantizedProducts.
constexpr int stages = 6, operand_bytes = tile_elements * tile_elements, stage_bytes = 2 * operand_bytes, computing_threads = 256, all_threads = 384;

constexpr int band_tiles = 16;

// What a block computes: 128 rows of a tile of columns.
struct scaled_tile {
    int row, row_end, column, column_end, column_tile;
    int matrix;            // of the right operand's map
    int first_code, depths;  // of the sum: where its first tile begins, and how many there are
    const float *a_scales, *b_scales;
    long long result_row;  // at which the result's matrix begins
};

// A stage, and the round of the ring that it is in.
struct scaled_stage {
    int stage = 0;
    unsigned parity = 0;

    __device__ __forceinline__ void next() {
        stage = stage + 1 == stages ? 0 : stage + 1;
        parity ^= stage == 0 ? 1 : 0;
    }

    __device__ __forceinline__ shared_place place() const { return place_of(shared_blocks) + stage * stage_bytes; }

    // Its copies have come.
    __device__ __forceinline__ shared_place full() const { return place_of(shared_blocks) + stages * stage_bytes + 8 * stage; }

    // It has been multiplied.
    __device__ __forceinline__ shared_place empty() const { return full() + 8 * stages; }
};

// sums = [sums +] a b, 64 x 128, at 32 depths of E4M3. Rows of both lie along the sum: of bytes tensor cores take no others.
__device__ __forceinline__ void multiply_e4m3(float (&sums)[16][4], unsigned long long a, unsigned long long b, int adds) {
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n128k32.f32.e4m3.e4m3 "
                 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
                 "%64, %65, p, 1, 1;\n}"
                 : "+f"(sums[0][0]), "+f"(sums[0][1]), "+f"(sums[0][2]), "+f"(sums[0][3]), "+f"(sums[1][0]), "+f"(sums[1][1]), "+f"(sums[1][2]), "+f"(sums[1][3]),
                   "+f"(sums[2][0]), "+f"(sums[2][1]), "+f"(sums[2][2]), "+f"(sums[2][3]), "+f"(sums[3][0]), "+f"(sums[3][1]), "+f"(sums[3][2]), "+f"(sums[3][3]),
                   "+f"(sums[4][0]), "+f"(sums[4][1]), "+f"(sums[4][2]), "+f"(sums[4][3]), "+f"(sums[5][0]), "+f"(sums[5][1]), "+f"(sums[5][2]), "+f"(sums[5][3]),
                   "+f"(sums[6][0]), "+f"(sums[6][1]), "+f"(sums[6][2]), "+f"(sums[6][3]), "+f"(sums[7][0]), "+f"(sums[7][1]), "+f"(sums[7][2]), "+f"(sums[7][3]),
                   "+f"(sums[8][0]), "+f"(sums[8][1]), "+f"(sums[8][2]), "+f"(sums[8][3]), "+f"(sums[9][0]), "+f"(sums[9][1]), "+f"(sums[9][2]), "+f"(sums[9][3]),
                   "+f"(sums[10][0]), "+f"(sums[10][1]), "+f"(sums[10][2]), "+f"(sums[10][3]), "+f"(sums[11][0]), "+f"(sums[11][1]), "+f"(sums[11][2]), "+f"(sums[11][3]),
                   "+f"(sums[12][0]), "+f"(sums[12][1]), "+f"(sums[12][2]), "+f"(sums[12][3]), "+f"(sums[13][0]), "+f"(sums[13][1]), "+f"(sums[13][2]), "+f"(sums[13][3]),
                   "+f"(sums[14][0]), "+f"(sums[14][1]), "+f"(sums[14][2]), "+f"(sums[14][3]), "+f"(sums[15][0]), "+f"(sums[15][1]), "+f"(sums[15][2]), "+f"(sums[15][3])
                 : "l"(a), "l"(b), "r"(adds));
}

// One thread: copies the tiles of both operands.
__device__ __forceinline__ void copy_scaled(const scaled_tile& tile, const tensor_map& a, const tensor_map& b) {
    scaled_stage ring;
    for (int t = 0; t < tile.depths; t++) {
        const int k = tile.first_code + t * tile_elements;
        wait_for_round(ring.empty(), ring.parity ^ 1);
        arrive_expecting(ring.full(), stage_bytes);
        copy_box(ring.place(), a, k, tile.row, 0, ring.full());
        copy_box(ring.place() + operand_bytes, b, k, tile.column, tile.matrix, ring.full());
        ring.next();
    }
}

// Multiplies a stage, whose copies have come, and gives it back.
__device__ __forceinline__ void multiply_tile(const scaled_stage& ring, int group, float (&parts)[16][4]) {
    constexpr int step_bytes = 32;
    const unsigned long long a = matrix_at(ring.place() + group * (operand_bytes / 2), operand_bytes / 2);
    const unsigned long long b = matrix_at(ring.place() + operand_bytes, operand_bytes / 2);
    keep_order(parts);
    begin_products();
#pragma unroll
    for (int step = 0; step < tile_elements / step_bytes; step++) {
        multiply_e4m3(parts, a + step * step_bytes / 16, b + step * step_bytes / 16, step > 0);
    }

    end_products();
    wait_for_products<0>();
    keep_order(parts);
    if (threadIdx.x % 32 == 0) {
        arrive(ring.empty());
    }
}

// Scales of the columns that a lane has, or the one of all columns.
template <bool has_column_scales>
struct column_scales {
    float scales[has_column_scales ? 32 : 1];

    __device__ __forceinline__ column_scales(const scaled_product& p, const scaled_tile& tile, int t) {
        const float* from = tile.b_scales + tile.column_tile * p.b.block_scale + t * p.b.tile_scale;
        if constexpr (has_column_scales) {
#pragma unroll
            for (int i = 0; i < 32; i++) {
                const int column = tile.column + i / 2 * 8 + threadIdx.x % 4 * 2 + i % 2;
                scales[i] = from[min(column, tile.column_end - 1) * p.b.element_scale];
            }
        } else {
            scales[0] = *from;
        }
    }

    __device__ __forceinline__ float of(int part, int i) const { return scales[has_column_scales ? 2 * part + i % 2 : 0]; }
};

template <typename T>
__device__ __forceinline__ void store_scaled(const scaled_product& p, const scaled_tile& tile, const float (&sums)[16][4]) {
    T* result = static_cast<T*>(p.result.data) + tile.result_row * p.result.stride;
    const T* addend = p.addend.data == nullptr ? nullptr : static_cast<const T*>(p.addend.data) + tile.result_row * p.addend.stride;
    const int row = tile.row + static_cast<int>(threadIdx.x / 32) * 16;
    if constexpr (sizeof(T) == sizeof(bfloat16)) {
        if (addend == nullptr && (reinterpret_cast<unsigned long long>(result) % 16 | p.result.stride % 8 | tile.column % 8 | tile.column_end % 8) == 0) {
            store_packs(sums, result, p.result.stride, row, tile.row_end, tile.column, tile.column_end);
            return;
        }
    }

    // A row's first column may be any, so that the rest of the tile is seen as rows that begin there.
    store_rows(
        sums, result + tile.column, p.result.stride, addend == nullptr ? nullptr : addend + tile.column, p.addend.stride, row, tile.row_end, 0,
        tile.column_end - tile.column);
}

// Two groups of four warps: multiply and store.
template <bool has_column_scales>
__device__ __forceinline__ void sum_scaled(const scaled_product& p, const scaled_tile& tile) {
    const int group = __shfl_sync(all_lanes, static_cast<int>(threadIdx.x / 128), 0);
    const int row = tile.row + static_cast<int>(threadIdx.x / 32) * 16 + static_cast<int>(threadIdx.x % 32 / 4);
    const float* low = tile.a_scales + min(row, tile.row_end - 1) * p.a.element_scale;
    const float* high = tile.a_scales + min(row + 8, tile.row_end - 1) * p.a.element_scale;
    scaled_stage ring;
    float sums[16][4] = {};
    for (int t = 0; t < tile.depths; t++) {
        const float row_scales[2] = {low[t * p.a.tile_scale], high[t * p.a.tile_scale]};
        const column_scales<has_column_scales> columns(p, tile, t);
        float parts[16][4];
        wait_for_round(ring.full(), ring.parity);
        multiply_tile(ring, group, parts);
        ring.next();
#pragma unroll
        for (int j = 0; j < 16; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sums[j][i] = fmaf(parts[j][i], row_scales[i / 2] * columns.of(j, i), sums[j][i]);
            }
        }
    }

    if (p.result_is_float) {
        store_scaled<float>(p, tile, sums);
    } else {
        store_scaled<bfloat16>(p, tile, sums);
    }
}

template <bool has_column_scales>
__device__ __forceinline__ void multiply_scaled(const scaled_product& p, const scaled_tile& tile, const tensor_map& a, const tensor_map& b) {
    if (threadIdx.x == 0) {
        prefetch_map(a);
        prefetch_map(b);
        scaled_stage ring;
        for (int stage = 0; stage < stages; stage++) {
            make_barrier(ring.full(), 1);
            make_barrier(ring.empty(), computing_threads / 32);
            ring.next();
        }

        show_barriers();
    }

    __syncthreads();

    // Registers of the 384 threads: 168 each when the block begins.
    if (threadIdx.x >= computing_threads) {
        keep_registers<40>();
        if (threadIdx.x == computing_threads) {
            copy_scaled(tile, a, b);
        }
    } else {
        take_registers<232>();
        sum_scaled<has_column_scales>(p, tile);
    }
}

// The block's tile of columns and of rows, in bands.
__device__ __forceinline__ int find_tiles(const scaled_product& p, int row_tiles, scaled_tile& tile) {
    int row_tile;
    tile_of_band<band_tiles>(blockIdx.x, row_tiles, p.columns.count(), row_tile, tile.column_tile);
    tile.column = p.columns.start(tile.column_tile);
    tile.column_end = tile.column + p.columns.size(tile.column_tile);
    return row_tile;
}

// y = [addend +] x W^T, or dx = [addend +] dy W of transposed matrices. Grid: tiles.
extern "C" __global__ void __launch_bounds__(all_threads, 1) quantized_linear_hopper(
    const __grid_constant__ scaled_product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b) {
    scaled_tile tile;
    tile_place at;
    const int row_tile = find_tiles(p, gridDim.x / p.columns.count(), tile);
    if (!find_rows<tile_elements>(p.offsets, p.groups, p.rows, row_tile, at)) {
        return;
    }

    tile.row = at.row;
    tile.row_end = at.end;
    tile.matrix = at.group;
    tile.first_code = 0;
    tile.depths = p.depth.count();
    tile.a_scales = p.a.scales;
    tile.b_scales = p.b.scales + at.group * p.b.matrix_scales;
    tile.result_row = 0;
    multiply_scaled<false>(p, tile, a, b);
}

// dW = [addend +] dy^T x of each group, of rows that are transposed. Grid: tiles, groups.
extern "C" __global__ void __launch_bounds__(all_threads, 1) quantized_linear_backward_weight_hopper(
    const __grid_constant__ scaled_product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b) {
    const int group = blockIdx.y, begin = p.offsets == nullptr ? 0 : p.offsets[group], end = p.offsets == nullptr ? p.rows : p.offsets[group + 1];
    const int place = begin / tile_elements + group;
    scaled_tile tile;
    tile.row = find_tiles(p, tile_cuts::covering(p.outputs), tile) * tile_elements;
    tile.row_end = p.outputs;
    tile.matrix = 0;
    tile.first_code = place * tile_elements;
    tile.depths = tile_cuts::covering(end - begin);
    tile.a_scales = p.a.scales + place * p.a.tile_scale;
    tile.b_scales = p.b.scales + place * p.b.tile_scale;
    tile.result_row = static_cast<long long>(group) * p.outputs;
    multiply_scaled<true>(p, tile, a, b);
}
#endif

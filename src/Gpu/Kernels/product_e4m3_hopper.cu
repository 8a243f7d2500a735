// Products of E4M3 with scales on Hopper's tensor cores: a tile of 128 of the sum is four instructions, whose sums keep some 14 bits, and is then added in float32,
// sum = fma(tile's sum, scale * scale, sum), tile after tile. One warp copies tiles of both operands into a ring of stages, two groups of four warps multiply them,
// 64 of a tile's 128 rows each; while one group adds, the other multiplies. Rows of both operands lie along the sum. A block computes one tile of the result after
// the other, and copies run ahead into the next while sums are stored.
#if __CUDA_ARCH__ >= 900
#include "async_tensor_core.cuh"
#include "bulk_copy.cuh"
#include "product_tiles.cuh"
#include "scaled_product.cuh"

// What the copying thread tells of a tile of the result where its first stage is.
struct scaled_note {
    int row, row_end, column, column_end;
    int depths;            // tiles of the sum; 0: sums are zero, and the stage is empty; less: no tile follows
    const float *a_scales, *b_scales;
    long long result_row;  // at which the result's matrix begins
};

// Dynamic shared memory of a block: the operands of the stages, then scales of 128 rows and of 128 columns a stage, then two barriers a stage, then a note a stage.
// Mirrors Actors.Gpu.Operations.Products.HopperQuantizedProducts.
constexpr int stages = 6, operand_bytes = tile_elements * tile_elements, stage_bytes = 2 * operand_bytes, computing_threads = 256, all_threads = 384;
constexpr int side_bytes = tile_elements * static_cast<int>(sizeof(float)), scale_bytes = 2 * side_bytes;
constexpr int barriers_at = stages * (stage_bytes + scale_bytes), notes_at = barriers_at + stages * 2 * 8;

constexpr int band_tiles = 16;

// A tile of the result as the copying warp sees it.
struct scaled_tile {
    scaled_note note;
    int matrix;      // of the right operand's map
    int first_code;  // of the sum's first tile
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

    __device__ __forceinline__ shared_place scales_place() const { return place_of(shared_blocks) + stages * stage_bytes + stage * scale_bytes; }

    // Scales of the tile's rows, then of its columns.
    __device__ __forceinline__ const float* scales() const {
        return reinterpret_cast<const float*>(reinterpret_cast<const char*>(shared_blocks) + stages * stage_bytes + stage * scale_bytes);
    }

    // Its copies have come.
    __device__ __forceinline__ shared_place full() const { return place_of(shared_blocks) + barriers_at + 8 * stage; }

    // It has been multiplied.
    __device__ __forceinline__ shared_place empty() const { return full() + 8 * stages; }

    __device__ __forceinline__ scaled_note& note() const {
        return reinterpret_cast<scaled_note*>(reinterpret_cast<char*>(shared_blocks) + notes_at)[stage];
    }
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

// The tile of columns and of rows of a number, in bands.
__device__ __forceinline__ int find_columns(const scaled_product& p, int number, int row_tiles, scaled_note& note, int& column_tile) {
    int row_tile;
    tile_of_band<band_tiles>(number, row_tiles, p.columns.count(), row_tile, column_tile);
    note.column = p.columns.start(column_tile);
    note.column_end = note.column + p.columns.size(column_tile);
    return row_tile;
}

// y = [addend +] x W^T, or dx = [addend +] dy W of transposed matrices. A row has a scale for each tile of the sum, a tile of columns one for all.
struct scaled_rows {
    static constexpr bool has_column_scales = false;

    static __device__ __forceinline__ int count(const scaled_product& p, int places) { return places * p.columns.count(); }

    // False: the place has no rows. Whole warps call it.
    static __device__ __forceinline__ bool find(const scaled_product& p, int places, int number, scaled_tile& tile) {
        tile_place at;
        int column_tile;
        const int row_tile = find_columns(p, number, places, tile.note, column_tile);
        if (!find_rows<tile_elements>(p.offsets, p.groups, p.rows, row_tile, at)) {
            return false;
        }

        tile.note.row = at.row;
        tile.note.row_end = at.end;
        tile.note.depths = p.depth.count();
        tile.note.a_scales = p.a.scales;
        tile.note.b_scales = p.b.scales + at.group * p.b.matrix_scales + column_tile * p.b.block_scale;
        tile.note.result_row = 0;
        tile.matrix = at.group;
        tile.first_code = 0;
        return true;
    }
};

// dW = [addend +] dy^T x of each group, of rows that are transposed. Rows and columns have a scale each for each tile of the sum.
struct scaled_sums {
    static constexpr bool has_column_scales = true;

    static __device__ __forceinline__ int count_of_matrix(const scaled_product& p) { return tile_cuts::covering(p.outputs) * p.columns.count(); }

    static __device__ __forceinline__ int count(const scaled_product& p, int) { return count_of_matrix(p) * p.groups; }

    static __device__ __forceinline__ bool find(const scaled_product& p, int, int number, scaled_tile& tile) {
        const int group = number / count_of_matrix(p), begin = p.offsets == nullptr ? 0 : p.offsets[group];
        const int end = p.offsets == nullptr ? p.rows : p.offsets[group + 1], place = begin / tile_elements + group;
        int column_tile;
        tile.note.row = find_columns(p, number - group * count_of_matrix(p), tile_cuts::covering(p.outputs), tile.note, column_tile) * tile_elements;
        tile.note.row_end = p.outputs;
        tile.note.depths = tile_cuts::covering(end - begin);
        tile.note.a_scales = p.a.scales + place * p.a.tile_scale + tile.note.row;
        tile.note.b_scales = p.b.scales + place * p.b.tile_scale + tile.note.column;
        tile.note.result_row = static_cast<long long>(group) * p.outputs;
        tile.matrix = 0;
        tile.first_code = place * tile_elements;
        return true;
    }
};

// One thread: copies both operands of a stage, and the scales of rows and columns where both have one each.
template <typename form>
__device__ __forceinline__ void copy_stage(
    const scaled_product& p, const scaled_stage& ring, const scaled_tile& tile, int t, const tensor_map& a, const tensor_map& b) {
    const int k = tile.first_code + t * tile_elements;
    if constexpr (form::has_column_scales) {
        const int row_bytes = min(tile_elements, tile.note.row_end - tile.note.row) * 4, column_bytes = (tile.note.column_end - tile.note.column) * 4;
        arrive_expecting(ring.full(), stage_bytes + row_bytes + column_bytes);
        copy_bytes(ring.scales_place(), tile.note.a_scales + t * p.a.tile_scale, row_bytes, ring.full());
        copy_bytes(ring.scales_place() + side_bytes, tile.note.b_scales + t * p.b.tile_scale, column_bytes, ring.full());
    } else {
        arrive_expecting(ring.full(), stage_bytes);
    }

    copy_box(ring.place(), a, k, tile.note.row, 0, ring.full());
    copy_box(ring.place() + operand_bytes, b, k, tile.note.column, tile.matrix, ring.full());
}

// One warp: copies all stages of the block's tiles.
template <typename form>
__device__ __forceinline__ void copy_scaled(const scaled_product& p, const tensor_map& a, const tensor_map& b, int places) {
    const int count = form::count(p, places);
    const bool copies = threadIdx.x % 32 == 0;
    scaled_stage ring;
    for (int number = blockIdx.x; number < count; number += gridDim.x) {
        scaled_tile tile;
        if (!form::find(p, places, number, tile)) {
            continue;
        }

        if (copies) {
            wait_for_round(ring.empty(), ring.parity ^ 1);
            ring.note() = tile.note;
            if (tile.note.depths == 0) {
                arrive(ring.full());
                ring.next();
            }

            for (int t = 0; t < tile.note.depths; t++) {
                wait_for_round(ring.empty(), ring.parity ^ 1);
                copy_stage<form>(p, ring, tile, t, a, b);
                ring.next();
            }
        }

        __syncwarp();
    }

    if (copies) {
        wait_for_round(ring.empty(), ring.parity ^ 1);
        ring.note().depths = -1;
        arrive(ring.full());
    }
}

// Begins to multiply a stage, whose copies have come.
__device__ __forceinline__ void begin_tile(const scaled_stage& ring, int group, float (&parts)[16][4]) {
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
}

// A warp has done with a stage: the next copies may take it.
__device__ __forceinline__ void give_back(const scaled_stage& ring) {
    if (threadIdx.x % 32 == 0) {
        arrive(ring.empty());
    }
}

struct alignas(8) column_pair {
    float scales[2];
};

// Scales of a lane's two rows, and of the one tile or of all the columns that it has.
template <bool has_column_scales>
struct lane_scales {
    float rows[2], columns[has_column_scales ? 32 : 1];

    __device__ __forceinline__ float of_column(int part, int i) const { return columns[has_column_scales ? 2 * part + i % 2 : 0]; }
};

// The sums of a tile, whose first stage has come.
template <typename form>
__device__ __forceinline__ void sum_scaled(const scaled_product& p, const scaled_note& tile, int group, scaled_stage& ring, float (&sums)[16][4]) {
    const int own_row = static_cast<int>(threadIdx.x / 32) * 16 + static_cast<int>(threadIdx.x % 32 / 4);
    const float* low = tile.a_scales + min(tile.row + own_row, tile.row_end - 1) * p.a.element_scale;
    const float* high = tile.a_scales + min(tile.row + own_row + 8, tile.row_end - 1) * p.a.element_scale;
    lane_scales<form::has_column_scales> scales;
    if constexpr (!form::has_column_scales) {
        scales.rows[0] = *low;
        scales.rows[1] = *high;
        scales.columns[0] = *tile.b_scales;
    }

    for (int t = 0; t < tile.depths; t++) {
        float parts[16][4];
        wait_for_round(ring.full(), ring.parity);
        begin_tile(ring, group, parts);
        lane_scales<form::has_column_scales> now = scales;
        if constexpr (form::has_column_scales) {
            const float* shared = ring.scales();
            now.rows[0] = shared[own_row];
            now.rows[1] = shared[own_row + 8];
#pragma unroll
            for (int j = 0; j < 16; j++) {
                const column_pair pair = reinterpret_cast<const column_pair*>(shared + tile_elements)[4 * j + threadIdx.x % 4];
                now.columns[2 * j] = pair.scales[0];
                now.columns[2 * j + 1] = pair.scales[1];
            }
        } else {
            // Those of the next stage are on their way while this one is multiplied.
            const int following = min(t + 1, tile.depths - 1);
            scales.rows[0] = low[following * p.a.tile_scale];
            scales.rows[1] = high[following * p.a.tile_scale];
            scales.columns[0] = tile.b_scales[following * p.b.tile_scale];
        }

        wait_for_products<0>();
        keep_order(parts);
        __syncwarp();
        give_back(ring);
        ring.next();
#pragma unroll
        for (int j = 0; j < 16; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sums[j][i] = fmaf(parts[j][i], now.rows[i / 2] * now.of_column(j, i), sums[j][i]);
            }
        }
    }
}

template <typename T>
__device__ __forceinline__ void store_scaled(const scaled_product& p, const scaled_note& tile, const float (&sums)[16][4]) {
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

// Two groups of four warps: multiply the stages of the block's tiles and store the sums.
template <typename form>
__device__ __forceinline__ void multiply_stages(const scaled_product& p) {
    const int group = __shfl_sync(all_lanes, static_cast<int>(threadIdx.x / 128), 0);
    scaled_stage ring;
    while (true) {
        wait_for_round(ring.full(), ring.parity);
        const scaled_note tile = ring.note();
        if (tile.depths < 0) {
            return;
        }

        float sums[16][4] = {};
        if (tile.depths == 0) {
            __syncwarp();
            give_back(ring);
            ring.next();
        }

        sum_scaled<form>(p, tile, group, ring, sums);
        if (form::has_column_scales || p.result_is_float) {
            store_scaled<float>(p, tile, sums);
        } else {
            store_scaled<bfloat16>(p, tile, sums);
        }
    }
}

template <typename form>
__device__ __forceinline__ void multiply_scaled(const scaled_product& p, const tensor_map& a, const tensor_map& b, int places) {
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
        if (threadIdx.x < computing_threads + 32) {
            copy_scaled<form>(p, a, b, places);
        }
    } else {
        take_registers<232>();
        multiply_stages<form>(p);
    }
}

// Places: of tiles of rows, as many as the rows of all groups may need.
extern "C" __global__ void __launch_bounds__(all_threads, 1) quantized_linear_hopper(
    const __grid_constant__ scaled_product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b, int places) {
    multiply_scaled<scaled_rows>(p, a, b, places);
}

extern "C" __global__ void __launch_bounds__(all_threads, 1) quantized_linear_backward_weight_hopper(
    const __grid_constant__ scaled_product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b, int places) {
    multiply_scaled<scaled_sums>(p, a, b, places);
}
#endif

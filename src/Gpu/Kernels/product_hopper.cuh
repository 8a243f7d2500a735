// Products of bfloat16 on Hopper: one warp copies boxes of the operands into a ring of stages, two groups of four warps multiply them, half of a tile's rows each.
// A block computes one tile after the other, and copies run ahead into the next. An element is one chain over its sum, as in all tiles.
#pragma once
#include "async_tensor_core.cuh"
#include "bulk_copy.cuh"
#include "product_tiles.cuh"

// What the copying warp tells of a tile where its first stage is.
struct tile_note {
    int row, column, row_end;
    int depths;            // of its sum; 0: its sums are zero, and the stage is empty; less: no tile follows
    long long result_row;  // at which the result's matrix begins
};

// Shared memory: the stages, then two barriers a stage, then a note a stage.
template <int tile_rows, int tile_columns, int stage_count>
struct bulk_tiles {
    static constexpr int rows = tile_rows, columns = tile_columns, depth = 64, stages = stage_count, band = 16;
    static constexpr int computing = 256, threads = computing + 128;
    static constexpr int a_bytes = rows * depth * 2, stage_bytes = (rows + columns) * depth * 2;
    static constexpr int shared_bytes = stages * (stage_bytes + 2 * 8 + static_cast<int>(sizeof(tile_note)));
};

// 64 rows at the depths of a stage begin at the same place, whichever way they lie.
constexpr int block_bytes = 64 * 128;

// A stage, and the round of the ring that it is in.
template <typename tiles>
struct stage_ring {
    int stage = 0;
    unsigned parity = 0;

    __device__ __forceinline__ void next() {
        stage = stage + 1 == tiles::stages ? 0 : stage + 1;
        parity ^= stage == 0 ? 1 : 0;
    }

    __device__ __forceinline__ shared_place place() const {
        return place_of(shared_blocks) + stage * tiles::stage_bytes;
    }

    // Its copies have come.
    __device__ __forceinline__ shared_place full() const {
        return place_of(shared_blocks) + tiles::stages * tiles::stage_bytes + 8 * stage;
    }

    // It has been multiplied.
    __device__ __forceinline__ shared_place empty() const {
        return full() + 8 * tiles::stages;
    }

    __device__ __forceinline__ tile_note& note() const {
        return reinterpret_cast<tile_note*>(reinterpret_cast<char*>(shared_blocks) + tiles::stages * (tiles::stage_bytes + 2 * 8))[stage];
    }
};

// A tile to compute: its operands at depths k.. up to k_end, and where its sums go.
struct tile_sum {
    tile_place at;
    int k, k_end, row_end;
    int b_matrix;
    long long result_row;  // at which the result's matrix begins
};

// y = [addend +] x W^T or dx = [addend +] dy W. Shares: places of tiles of rows.
template <typename tiles, lie b>
struct products_of_rows {
    static constexpr lie a_lies = lie::along, b_lies = b;
    static constexpr bool sums_over_rows = false;

    static __device__ __forceinline__ int count(const product& p, int places) {
        return places * ((p.columns + tiles::columns - 1) / tiles::columns);
    }

    static __device__ __forceinline__ bool find(const product& p, int places, int tile, tile_sum& sum) {
        int row_tile, column_tile;
        tile_of_band<tiles::band>(tile, places, (p.columns + tiles::columns - 1) / tiles::columns, row_tile, column_tile);
        if (!find_rows<tiles::rows>(p.offsets, p.groups, p.rows, row_tile, sum.at)) {
            return false;
        }

        sum.at.column = column_tile * tiles::columns;
        sum.k = 0;
        sum.k_end = p.depth;
        sum.row_end = sum.at.end;
        sum.b_matrix = sum.at.group;
        sum.result_row = 0;
        return true;
    }
};

// dW = [addend +] dy^T x in float32. Shares: splits of the sums.
template <typename tiles>
struct products_over_rows {
    static constexpr lie a_lies = lie::across, b_lies = lie::across;
    static constexpr bool sums_over_rows = true;

    static __device__ __forceinline__ int tiles_of_matrix(const product& p) {
        return (p.rows + tiles::rows - 1) / tiles::rows * ((p.columns + tiles::columns - 1) / tiles::columns);
    }

    static __device__ __forceinline__ int count(const product& p, int splits) {
        return tiles_of_matrix(p) * splits * p.groups;
    }

    static __device__ __forceinline__ bool find(const product& p, int splits, int tile, tile_sum& sum) {
        const int matrix = tile / tiles_of_matrix(p), group = matrix / splits, split = matrix % splits;
        int row_tile, column_tile;
        tile_of_band<tiles::band>(
            tile - matrix * tiles_of_matrix(p), (p.rows + tiles::rows - 1) / tiles::rows, (p.columns + tiles::columns - 1) / tiles::columns, row_tile, column_tile);
        find_share<tiles::depth>(p, group, split, splits, sum.at);
        sum.at.row = row_tile * tiles::rows;
        sum.at.column = column_tile * tiles::columns;
        sum.k = sum.at.begin;
        sum.k_end = sum.at.end;
        sum.row_end = p.rows;
        sum.b_matrix = 0;
        sum.result_row = (static_cast<long long>(split) * p.groups + group) * p.rows;
        return true;
    }
};

template <lie how, int rows>
__device__ __forceinline__ void copy_rows(shared_place to, const tensor_map& map, int row, int k, int matrix, shared_place barrier) {
    constexpr int boxes = how == lie::along ? 1 : rows / 64;
#pragma unroll
    for (int box = 0; box < boxes; box++) {
        copy_box(to + box * block_bytes, map, how == lie::along ? k : row + 64 * box, how == lie::along ? row : k, matrix, barrier);
    }
}

// One warp: copies all stages of the block's tiles.
template <typename tiles, typename form>
__device__ __forceinline__ void copy_stages(const product& p, const tensor_map& a, const tensor_map& b, int shares) {
    const int count = form::count(p, shares);
    const bool copies = threadIdx.x % 32 == 0;
    stage_ring<tiles> ring;
    for (int tile = blockIdx.x; tile < count; tile += gridDim.x) {
        tile_sum sum;
        if (!form::find(p, shares, tile, sum)) {
            continue;
        }

        if (copies) {
            wait_for_round(ring.empty(), ring.parity ^ 1);
            ring.note() = {sum.at.row, sum.at.column, sum.row_end, sum.k_end - sum.k, sum.result_row};
            if (sum.k >= sum.k_end) {
                arrive(ring.full());
                ring.next();
            }

            for (int k = sum.k; k < sum.k_end; k += tiles::depth) {
                wait_for_round(ring.empty(), ring.parity ^ 1);
                arrive_expecting(ring.full(), tiles::stage_bytes);
                copy_rows<form::a_lies, tiles::rows>(ring.place(), a, sum.at.row, k, 0, ring.full());
                copy_rows<form::b_lies, tiles::columns>(ring.place() + tiles::a_bytes, b, sum.at.column, k, sum.b_matrix, ring.full());
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

// Of a stage whose rows lie across the sum, the depths from the first on become zero: they are another group's.
template <typename tiles>
__device__ __forceinline__ void clear_depths(int stage, int first) {
    pack<bfloat16>* packs = shared_blocks[0].packs + stage * (tiles::stage_bytes / 16);
    const int cleared = (tiles::depth - first) * 8;
    for (int block = 0; block < (tiles::rows + tiles::columns) / 64; block++) {
        for (int i = threadIdx.x; i < cleared; i += tiles::computing) {
            packs[block * (block_bytes / 16) + first * 8 + i] = pack<bfloat16>{};
        }
    }

    show_to_tensor_cores();
    meet<tiles::computing>(1);
}

template <typename tiles, typename T>
__device__ __forceinline__ void store_sums(const product& p, const tile_note& tile, const float (&sums)[tiles::columns / 8][4]) {
    T* result = static_cast<T*>(p.result.data) + tile.result_row * p.result.stride;
    const T* addend = p.addend.data == nullptr ? nullptr : static_cast<const T*>(p.addend.data) + tile.result_row * p.addend.stride;
    const int row = tile.row + static_cast<int>(threadIdx.x / 32) * 16;
    if constexpr (sizeof(T) == sizeof(bfloat16)) {
        if (addend == nullptr && (reinterpret_cast<unsigned long long>(result) % 16 | p.result.stride % 8 | p.columns % 8) == 0) {
            store_packs(sums, result, p.result.stride, row, tile.row_end, tile.column, p.columns);
            return;
        }
    }

    store_rows(sums, result, p.result.stride, addend, p.addend.stride, row, tile.row_end, tile.column, p.columns);
}

// Sums of nothing, which only products over rows have.
template <typename tiles>
__device__ __forceinline__ void store_nothing(const product& p, const tile_note& tile) {
    const float* addend = static_cast<const float*>(p.addend.data);
    for (int i = threadIdx.x; i < tiles::rows * tiles::columns; i += tiles::computing) {
        const long long row = tile.row + i / tiles::columns;
        const int column = tile.column + i % tiles::columns;
        if (row < tile.row_end && column < p.columns) {
            static_cast<float*>(p.result.data)[(tile.result_row + row) * p.result.stride + column] =
                addend == nullptr ? 0.0f : addend[(tile.result_row + row) * p.addend.stride + column];
        }
    }
}

// A warp has multiplied a stage: the next copies may take it.
__device__ __forceinline__ void give_back(shared_place empty) {
    if (threadIdx.x % 32 == 0) {
        arrive(empty);
    }
}

// Begins to multiply the stage, whose copies have come. Clears: the first of a tile, whose sums hold anything. Left: depths of the tile from the stage on.
template <typename tiles, typename form, bool clears>
__device__ __forceinline__ void multiply_stage(
    const stage_ring<tiles>& ring, int group, int left, float (&sums)[tiles::columns / 8][4]) {
    constexpr bool a_is_across = form::a_lies == lie::across, b_is_across = form::b_lies == lie::across;
    constexpr int a_part_bytes = a_is_across ? 2 * 1024 : 32, b_part_bytes = b_is_across ? 2 * 1024 : 32;
    if constexpr (form::sums_over_rows) {
        if (left < tiles::depth) {
            clear_depths<tiles>(ring.stage, left);
        }
    }

    // A stage is a block of 64 rows after the other; places in descriptions count 16 bytes.
    const unsigned long long a = matrix_at(ring.place() + group * block_bytes, block_bytes);
    const unsigned long long b = matrix_at(ring.place() + tiles::a_bytes, block_bytes);
    keep_order(sums);
    begin_products();
#pragma unroll
    for (int part = 0; part < tiles::depth / 16; part++) {
        multiply_async<a_is_across, b_is_across>(sums, a + part * a_part_bytes / 16, b + part * b_part_bytes / 16, !clears || part > 0);
    }

    end_products();
    keep_order(sums);
}

// Two groups of four warps: multiply the stages of the block's tiles and store the sums.
template <typename tiles, typename form>
__device__ __forceinline__ void multiply_stages(const product& p) {
    const int group = __shfl_sync(all_lanes, static_cast<int>(threadIdx.x / 128), 0);
    stage_ring<tiles> ring;
    while (true) {
        wait_for_round(ring.full(), ring.parity);
        const tile_note tile = ring.note();
        if (tile.depths < 0) {
            return;
        }

        shared_place before = ring.empty();
        if constexpr (form::sums_over_rows) {
            if (tile.depths == 0) {
                __syncwarp();
                give_back(before);
                ring.next();
                store_nothing<tiles>(p, tile);
                continue;
            }
        }

        float sums[tiles::columns / 8][4];
        multiply_stage<tiles, form, true>(ring, group, tile.depths, sums);
        ring.next();
        for (int left = tile.depths - tiles::depth; left > 0; left -= tiles::depth) {
            wait_for_round(ring.full(), ring.parity);
            multiply_stage<tiles, form, false>(ring, group, left, sums);
            // The stage before has been multiplied.
            wait_for_products<1>();
            keep_order(sums);
            give_back(before);
            before = ring.empty();
            ring.next();
        }

        wait_for_products<0>();
        keep_order(sums);
        give_back(before);
        if (form::sums_over_rows || p.result_is_float) {
            store_sums<tiles, float>(p, tile, sums);
        } else {
            store_sums<tiles, bfloat16>(p, tile, sums);
        }
    }
}

template <typename tiles, typename form>
__device__ __forceinline__ void multiply_bulk(const product& p, const tensor_map& a, const tensor_map& b, int shares) {
    if (threadIdx.x == 0) {
        prefetch_map(a);
        prefetch_map(b);
        stage_ring<tiles> ring;
        for (int stage = 0; stage < tiles::stages; stage++) {
            make_barrier(ring.full(), 1);
            make_barrier(ring.empty(), tiles::computing / 32);
            ring.next();
        }

        show_barriers();
    }

    __syncthreads();

    // Registers of the 384 threads: 168 each when the block begins.
    if (threadIdx.x >= tiles::computing) {
        keep_registers<40>();
        if (threadIdx.x < tiles::computing + 32) {
            copy_stages<tiles, form>(p, a, b, shares);
        }
    } else {
        take_registers<232>();
        multiply_stages<tiles, form>(p);
    }
}

#define BULK_KERNEL(name, tiles, ...)                                                                                      \
    extern "C" __global__ void __launch_bounds__(tiles::threads, 1) name##_bfloat16(                                       \
        const __grid_constant__ product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b, int shares) { \
        multiply_bulk<tiles, __VA_ARGS__>(p, a, b, shares);                                                                \
    }

#define BULK_PRODUCTS(name, tiles)                                                                                         \
    BULK_KERNEL(linear_##name, tiles, products_of_rows<tiles, lie::along>)                                                 \
    BULK_KERNEL(linear_backward_input_##name, tiles, products_of_rows<tiles, lie::across>)                                  \
    BULK_KERNEL(linear_backward_weight_##name, tiles, products_over_rows<tiles>)

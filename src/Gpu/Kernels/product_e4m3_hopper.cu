// Products of E4M3 with scales on Hopper's tensor cores: a tile of 128 of the sum is four instructions, whose sums keep some 14 bits, and is then added in float32,
// sum = fma(tile's sum, scale * scale, sum), tile after tile. Warps copy tiles of both operands into a ring of stages, two groups of four warps multiply them,
// 64 of a tile's 128 rows each; while a group adds the products of one stage, those of the next are under way. Rows of both operands lie along the sum.
// Two blocks are a cluster and compute tiles that lie beside each other: each copies half of the left operand's rows, which both have in common, to both. They compute
// one pair of tiles after the other, and copies run ahead into the next while sums are stored.
#if __CUDA_ARCH__ >= 900
#include "async_tensor_core.cuh"
#include "scaled_tiles.cuh"

// One thread: copies a stage's half of the left operand's codes to both blocks, and the right operand's.
__device__ __forceinline__ void copy_codes(const scaled_stage& ring, const scaled_tile& tile, int t, const tensor_map& a, const tensor_map& b) {
    const int k = tile.first_code + t * tile_elements, own = block_of_cluster();
    arrive_expecting(ring.full(), stage_bytes);
    copy_box_to((1 << cluster_blocks) - 1, ring.place() + own * half_bytes, a, k, tile.note.row + own * half_rows, 0, ring.full());
    copy_box(ring.place() + operand_bytes, b, k, tile.note.column, tile.matrix, ring.full());
}

// One thread: copies the scales of a stage's rows and columns, where both have one each.
__device__ __forceinline__ void copy_scales(const scaled_product& p, const scaled_stage& ring, const scale_place& scales, const scaled_tile& tile, int t) {
    const int row_bytes = min(tile_elements, tile.note.row_end - tile.note.row) * 4, column_bytes = tile.columns * 4;
    arrive_expecting(ring.full(), row_bytes + column_bytes);
    copy_bytes(scales.of_row(0), tile.note.a_scales + t * p.a.tile_scale, row_bytes, ring.full());
    copy_bytes(scales.of_column(0), tile.note.b_scales + t * p.b.tile_scale, column_bytes, ring.full());
}

// One warp: copies the codes of all stages of the block's tiles, or their scales. It looks for the next tile before the last copies of one, which wait for room.
template <typename form, bool are_codes>
__device__ __forceinline__ void copy_tiles(const scaled_product& p, const tensor_map& a, const tensor_map& b, int places) {
    constexpr int copies_after = 4;
    const int count = form::count(p, places);
    const bool copies = threadIdx.x % 32 == 0;
    int number = blockIdx.x / cluster_blocks;
    scaled_stage ring;
    scale_place scales;
    note_place note;
    const auto find = [&](scaled_tile& tile) {
        bool is_there = false;
        for (; number < count && !is_there; number += gridDim.x / cluster_blocks) {
            is_there = form::find(p, places, number, tile);
        }

        return is_there;
    };

    const auto copy = [&](const scaled_tile& tile, int first, int end) {
        for (int t = first; t < end; t++) {
            wait_for_round(ring.empty(), ring.parity ^ 1);
            if constexpr (are_codes) {
                copy_codes(ring, tile, t, a, b);
            } else {
                copy_scales(p, ring, scales, tile, t);
                scales.next();
            }

            ring.next();
        }
    };

    const auto tell = [&](const scaled_note& told) {
        wait_for_round(ring.empty(), ring.parity ^ 1);
        if constexpr (are_codes) {
            note.get() = told;
            note.next();
        }

        if (told.depths <= 0) {
            arrive(ring.full());
            ring.next();
        }
    };

    scaled_tile tile;
    bool is_there = find(tile);
    while (is_there) {
        const int first_copies = max(tile.note.depths - copies_after, 0);
        if (copies) {
            tell(tile.note);
            copy(tile, 0, first_copies);
        }

        __syncwarp();
        scaled_tile following;
        is_there = find(following);
        if (copies) {
            copy(tile, first_copies, tile.note.depths);
        }

        __syncwarp();
        tile = following;
    }

    if (copies) {
        tile.note.depths = -1;
        tell(tile.note);
    }
}

// The products of a stage, 64 x 128.
using stage_products = float[16][4];

// Begins to multiply a stage as soon as its copies have come.
__device__ __forceinline__ void begin_stage(scaled_stage& ring, int group, stage_products& products) {
    constexpr int step_bytes = 32;
    wait_for_round(ring.full(), ring.parity);
    const unsigned long long a = matrix_at(ring.place() + group * (operand_bytes / 2), operand_bytes / 2);
    const unsigned long long b = matrix_at(ring.place() + operand_bytes, operand_bytes / 2);
    keep_order(products);
    begin_products();
#pragma unroll
    for (int step = 0; step < tile_elements / step_bytes; step++) {
        multiply_e4m3(products, a + step * step_bytes / 16, b + step * step_bytes / 16, step > 0);
    }

    end_products();
    ring.next();
}

// Adds the products of a tile's stages, one after the other: prepare, which comes before the wait for a stage's products, then add. A lane's two rows have
// a scale each.
template <typename form>
struct stage_sums;

// Its columns have one in common. Those of a stage are on their way while the one before is added.
template <>
struct stage_sums<scaled_rows> {
    const float *low, *high, *columns;
    float scales[3];
    int left;

    __device__ __forceinline__ stage_sums(const scaled_product& p, const scaled_note& tile, int row)
        : low(tile.a_scales + min(tile.row + row, tile.row_end - 1) * p.a.element_scale),
          high(tile.a_scales + min(tile.row + row + 8, tile.row_end - 1) * p.a.element_scale), columns(tile.b_scales), scales{load_global(low), load_global(high), load_global(columns)}, left(tile.depths) {}

    __device__ __forceinline__ void prepare(const scale_place&, int) {}

    __device__ __forceinline__ void add(const scaled_product& p, scale_place&, const stage_products& products, stage_products& sums) {
        const float by_row[2] = {scales[0] * scales[2], scales[1] * scales[2]};
        if (--left > 0) {
            low += p.a.tile_scale;
            high += p.a.tile_scale;
            columns += p.b.tile_scale;
            scales[0] = load_global(low);
            scales[1] = load_global(high);
            scales[2] = load_global(columns);
        }

#pragma unroll
        for (int j = 0; j < 16; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sums[j][i] = fmaf(products[j][i], by_row[i / 2], sums[j][i]);
            }
        }
    }
};

// Its columns have one each. They were copied with the operands; some are on their way before they are needed, as many as there are registers for.
template <>
struct stage_sums<scaled_sums> {
    static constexpr int ahead = 8;

    float rows[2], columns[16][2];
    shared_place own;

    __device__ __forceinline__ stage_sums(const scaled_product&, const scaled_note&, int) {}

    __device__ __forceinline__ void prepare(const scale_place& scales, int row) {
        own = scales.of_column(static_cast<int>(threadIdx.x % 4) * 2);
        rows[0] = load_shared(scales.of_row(row));
        rows[1] = load_shared(scales.of_row(row + 8));
#pragma unroll
        for (int j = 0; j < ahead; j++) {
            load_shared(own + j * 32, columns[j]);
        }
    }

    __device__ __forceinline__ void add(const scaled_product&, scale_place& scales, const stage_products& products, stage_products& sums) {
#pragma unroll
        for (int j = 0; j < 16; j++) {
            if (j + ahead < 16) {
                load_shared(own + (j + ahead) * 32, columns[j + ahead]);
            }

#pragma unroll
            for (int i = 0; i < 4; i++) {
                sums[j][i] = fmaf(products[j][i], rows[i / 2] * columns[j][i % 2], sums[j][i]);
            }
        }

        scales.next();
    }
};

// What a group of warps is at.
struct group_state {
    scaled_stage ring, before;  // the stage to multiply next, and the one to give back next
    scale_place scales;         // of the stage to add next
    note_place note;            // of the tile
    int group, row;             // of the block's two; of the lane's two rows the first, within the tile
};

// The sums of a tile of so many stages, one at least.
template <typename form>
__device__ __forceinline__ void sum_scaled(const scaled_product& p, group_state& at, int depths, stage_products& sums) {
    stage_sums<form> adds(p, at.note.get(), at.row);
    stage_products products[2];
    const auto add = [&](stage_products& of_stage) {
        keep_order(of_stage);
        give_back(at.before);
        at.before.next();
        adds.add(p, at.scales, of_stage, sums);
    };

    begin_stage(at.ring, at.group, products[0]);
    int t = 1;
    for (; t + 1 < depths; t += 2) {
        begin_stage(at.ring, at.group, products[1]);
        adds.prepare(at.scales, at.row);
        wait_for_products<1>();
        add(products[0]);
        begin_stage(at.ring, at.group, products[0]);
        adds.prepare(at.scales, at.row);
        wait_for_products<1>();
        add(products[1]);
    }

    if (t < depths) {
        begin_stage(at.ring, at.group, products[1]);
        adds.prepare(at.scales, at.row);
        wait_for_products<1>();
        add(products[0]);
        adds.prepare(at.scales, at.row);
        wait_for_products<0>();
        add(products[1]);
    } else {
        adds.prepare(at.scales, at.row);
        wait_for_products<0>();
        add(products[0]);
    }
}

template <typename T>
__device__ __forceinline__ void store_scaled(const scaled_product& p, const scaled_note& tile, const stage_products& sums) {
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
    group_state at;
    at.group = __shfl_sync(all_lanes, static_cast<int>(threadIdx.x / 128), 0);
    at.row = static_cast<int>(threadIdx.x / 32) * 16 + static_cast<int>(threadIdx.x % 32 / 4);
    while (true) {
        wait_for_round(at.ring.full(), at.ring.parity);
        const int depths = at.note.get().depths;
        if (depths < 0) {
            return;
        }

        stage_products sums = {};
        if (depths > 0) {
            sum_scaled<form>(p, at, depths, sums);
        } else {
            give_back(at.before);
            at.before.next();
            at.ring.next();
        }

        if (form::result_is_float || p.result_is_float) {
            store_scaled<float>(p, at.note.get(), sums);
        } else {
            store_scaled<bfloat16>(p, at.note.get(), sums);
        }

        at.note.next();
    }
}

template <typename form>
__device__ __forceinline__ void multiply_scaled(const scaled_product& p, const tensor_map& a, const tensor_map& b, int places) {
    if (threadIdx.x == 0) {
        prefetch_map(a);
        prefetch_map(b);
        scaled_stage ring;
        for (int stage = 0; stage < stages; stage++) {
            make_barrier(ring.full(), form::copies_scales ? 2 : 1);
            make_barrier(ring.empty(), cluster_blocks * computing_threads / 32);
            ring.next();
        }

        show_barriers();
    }

    __syncwarp();
    meet_cluster();

    // Registers of the 384 threads: 168 each when the block begins.
    if (threadIdx.x >= computing_threads) {
        keep_registers<40>();
        if (threadIdx.x < computing_threads + 32) {
            copy_tiles<form, true>(p, a, b, places);
        } else if (form::copies_scales && threadIdx.x < computing_threads + 64) {
            copy_tiles<form, false>(p, a, b, places);
        }
    } else {
        take_registers<232>();
        multiply_stages<form>(p);
    }

    // A block that has ended has no shared memory to which the other's copies and arrivals could come.
    __syncwarp();
    meet_cluster();
}

// Places: of tiles of rows, as many as the rows of all groups may need.
extern "C" __global__ void __cluster_dims__(cluster_blocks, 1, 1) __launch_bounds__(all_threads, 1) quantized_linear_hopper(
    const __grid_constant__ scaled_product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b, int places) {
    multiply_scaled<scaled_rows>(p, a, b, places);
}

extern "C" __global__ void __cluster_dims__(cluster_blocks, 1, 1) __launch_bounds__(all_threads, 1) quantized_linear_backward_weight_hopper(
    const __grid_constant__ scaled_product p, const __grid_constant__ tensor_map a, const __grid_constant__ tensor_map b, int places) {
    multiply_scaled<scaled_sums>(p, a, b, places);
}
#endif

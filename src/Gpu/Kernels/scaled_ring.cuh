// The ring of stages in which blocks of a cluster multiply codes of E4M3 on Hopper: shared memory, and who is where in it.
#pragma once
#include "bulk_copy.cuh"
#include "product_tiles.cuh"
#include "scaled_product.cuh"

constexpr int computing_threads = 256, all_threads = 384;

// What the copying thread tells of a tile of the result.
struct scaled_note {
    int row, row_end, column, column_end;
    int depths;            // tiles of the sum; 0: sums are zero, and the stage is empty; less: no tile follows
    const float *a_scales, *b_scales;
    long long result_row;  // at which the result's matrix begins
};

// Dynamic shared memory of a block: the operands of the stages, then places for the scales of 128 rows and of 128 columns, then two barriers a stage, then notes. A
// stage is given back when it has been multiplied. Its scales are read after that, but before the next stage is given back, and so the place after the last is
// free when they are. A tile has one stage at least, so copies are not further ahead than as many tiles as there are stages, and its note stays until it is stored.
// Mirrors Actors.Gpu.Operations.Products.HopperQuantizedProducts.
constexpr int stages = 6, scale_places = stages + 1, notes = stages + 1, operand_bytes = tile_elements * tile_elements, stage_bytes = 2 * operand_bytes;
constexpr int side_bytes = tile_elements * static_cast<int>(sizeof(float)), scale_bytes = 2 * side_bytes;
constexpr int scales_at = stages * stage_bytes, barriers_at = scales_at + scale_places * scale_bytes, notes_at = barriers_at + stages * 2 * 8;

// Blocks of a cluster, whose tiles lie beside each other. Mirrors HopperQuantizedProducts.
constexpr int cluster_blocks = 2, half_rows = tile_elements / cluster_blocks, half_bytes = operand_bytes / cluster_blocks;

// One of so many places that are taken one after the other.
template <int count>
struct place_in_turn {
    int number = 0;

    __device__ __forceinline__ void next() { number = number + 1 == count ? 0 : number + 1; }
};

// The note of a tile of the block.
struct note_place : place_in_turn<notes> {
    __device__ __forceinline__ scaled_note& get() const {
        return reinterpret_cast<scaled_note*>(reinterpret_cast<char*>(shared_blocks) + notes_at)[number];
    }
};

// The scales of a stage's rows, then of its columns.
struct scale_place : place_in_turn<scale_places> {
    __device__ __forceinline__ shared_place of_row(int row) const { return place_of(shared_blocks) + scales_at + number * scale_bytes + row * 4; }

    __device__ __forceinline__ shared_place of_column(int column) const { return of_row(0) + side_bytes + column * 4; }
};

__device__ __forceinline__ float load_shared(shared_place from) {
    float x;
    asm volatile("ld.shared.f32 %0, [%1];" : "=f"(x) : "r"(from) : "memory");
    return x;
}

// Nothing that all lanes load alike is kept apart from what they load each: such a number would be waited for where it is loaded.
__device__ __forceinline__ float load_global(const float* from) {
    float x;
    asm volatile("ld.global.nc.f32 %0, [%1];" : "=f"(x) : "l"(from));
    return x;
}

__device__ __forceinline__ void load_shared(shared_place from, float (&x)[2]) {
    asm volatile("ld.shared.v2.f32 {%0, %1}, [%2];" : "=f"(x[0]), "=f"(x[1]) : "r"(from) : "memory");
}

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
    __device__ __forceinline__ shared_place full() const { return place_of(shared_blocks) + barriers_at + 8 * stage; }

    // It has been multiplied.
    __device__ __forceinline__ shared_place empty() const { return full() + 8 * stages; }
};

// A warp has done with a stage: the next copies of both blocks may take it.
__device__ __forceinline__ void give_back(const scaled_stage& ring) {
    __syncwarp();
    if (threadIdx.x % 32 < cluster_blocks) {
        arrive_in(threadIdx.x % 32, ring.empty());
    }
}

// How lanes pass over the tiles of rows, spread over the grid.
#pragma once
#include "scalars.cuh"
#include "tile_scale.cuh"

// A tile of a row, or none: rows ended before it.
struct tile_number {
    int row, tile;
    bool is_there;

    template <typename T>
    __device__ __forceinline__ T* in(rows_of<T> rows, int place) const { return rows.data + static_cast<long long>(row) * rows.stride + place; }

    // Elements of it.
    __device__ __forceinline__ int size(const tile_cuts& cuts) const { return is_there ? cuts.size(tile) : 0; }
};

// Calls load(at, k) for up to so many tiles of so many neighbouring lanes at once, then store(at, k) for the same. The lanes of a warp stay together: some of its last
// tiles may not be there.
template <int lanes, int at_once, typename Load, typename Store>
__device__ __forceinline__ void for_each_tile(row_count rows, int tiles, Load load, Store store) {
    // Rows and tiles are counted on, since a division costs as much as a tile.
    constexpr int teams = 32 / lanes;
    const int warps = blockDim.x / 32, warp_tiles = at_once * teams, first = (blockIdx.x * warps + threadIdx.x / 32) * warp_tiles + threadIdx.x % 32 / lanes;
    const int end = rows.get(), step = gridDim.x * warps * warp_tiles;
    const int step_rows = step / tiles, step_tiles = step % tiles, next_rows = teams / tiles, next_tiles = teams % tiles;
    const auto later = [&](const tile_number& at, int more_rows, int more_tiles) {
        const bool is_over = at.tile + more_tiles >= tiles;
        const int row = at.row + more_rows + is_over;
        return tile_number{row, at.tile + more_tiles - (is_over ? tiles : 0), row < end};
    };

    tile_number at{first / tiles, first % tiles, first / tiles < end};
    while (__any_sync(all_lanes, at.is_there)) {
        tile_number numbers[at_once] = {at};
#pragma unroll
        for (int k = 1; k < at_once; k++) {
            numbers[k] = later(numbers[k - 1], next_rows, next_tiles);
        }

#pragma unroll
        for (int k = 0; k < at_once; k++) {
            load(numbers[k], k);
        }

#pragma unroll
        for (int k = 0; k < at_once; k++) {
            store(numbers[k], k);
        }

        at = later(at, step_rows, step_tiles);
    }
}

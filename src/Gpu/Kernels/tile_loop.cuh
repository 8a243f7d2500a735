// How warps pass over the tiles of rows, spread over the grid.
#pragma once
#include "elements.cuh"

struct tile_number {
    int row, tile;
};

// Calls load(row, tile, k) for up to so many tiles of a warp at once, then store(row, tile, k) for the same.
template <int at_once, typename Load, typename Store>
__device__ __forceinline__ void for_each_tile(row_count rows, int tiles, Load load, Store store) {
    // Rows and tiles are counted on, since a division costs as much as a tile.
    const int warps = blockDim.x / 32, first = (blockIdx.x * warps + threadIdx.x / 32) * at_once, step = gridDim.x * warps * at_once;
    const int end = rows.get(), step_rows = step / tiles, step_tiles = step % tiles;
    int row = first / tiles, tile = first % tiles;
    while (row < end) {
        tile_number numbers[at_once] = {{row, tile}};
#pragma unroll
        for (int k = 1; k < at_once; k++) {
            const tile_number before = numbers[k - 1];
            numbers[k] = before.tile + 1 < tiles ? tile_number{before.row, before.tile + 1} : tile_number{before.row + 1, 0};
        }

#pragma unroll
        for (int k = 0; k < at_once; k++) {
            if (numbers[k].row < end) {
                load(numbers[k].row, numbers[k].tile, k);
            }
        }

#pragma unroll
        for (int k = 0; k < at_once; k++) {
            if (numbers[k].row < end) {
                store(numbers[k].row, numbers[k].tile, k);
            }
        }

        row += step_rows;
        tile += step_tiles;
        if (tile >= tiles) {
            tile -= tiles;
            row++;
        }
    }
}

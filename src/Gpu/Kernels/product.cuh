// Matrix products of all types: what is multiplied, and which tile of the result a block computes.
//
//   y  = x W^T    rows of x and of W lie along the sum
//   dx = dy W     rows of dy lie along the sum, those of W across it
//   dW = dy^T x   rows of both lie across it
//
// Grouped: row offsets[g] is the first of group g. The offsets are in device memory, so that grids are made for the worst case.
#pragma once
#include "scalars.cuh"

// How an operand's rows lie: element (r, k), k being what is summed over, is at r * stride + k, or at k * stride + r.
enum class lie { along, across };

// Rows of elements of either type. Mirrors Actors.Gpu.Operations.RowView.
struct any_rows {
    void* data;
    long long stride;
};

// Mirrors Actors.Gpu.Operations.Products.Product.
struct product {
    any_rows a, b, result;
    any_rows addend;            // as the result is stored; at nullptr: none; may be the result
    const int* offsets;         // groups + 1; nullptr: one group of all rows
    int groups;
    int rows, columns, depth;   // of the result and of the sum; rows that are grouped count all groups
    int result_is_float;        // else as the operands
};

struct tile_place {
    int group;
    int begin, end;   // rows of the group
    int row, column;  // first of the tile
};

// Blocks that run at the same time share operands in the L2 cache: they take tiles in bands of so many rows of tiles, column after column.
template <int band_tiles = 8>
__device__ __forceinline__ void tile_of_band(int block, int row_tiles, int column_tiles, int& row_tile, int& column_tile) {
    const int band = block / (band_tiles * column_tiles);
    const int within = block - band * band_tiles * column_tiles;
    const int left = row_tiles - band * band_tiles;
    const int height = left < band_tiles ? left : band_tiles;
    row_tile = band * band_tiles + within % height;
    column_tile = within / height;
}

// The group that has a place, searched by a warp. Group g has the places offsets[g] / tile_rows + g up to the next group's, which are as many as its tiles
// or one more, so that a place tells its group without a sum over groups.
template <int tile_rows>
__device__ __forceinline__ int group_of_place(const int* offsets, int groups, int place) {
    int first = 0, count = groups;
    while (count > 1) {
        const int step = (count + 31) / 32, ahead = threadIdx.x % 32 * step;
        const bool is_begun = ahead < count && offsets[first + ahead] / tile_rows + first + ahead <= place;
        const int passed = (__popc(__ballot_sync(all_lanes, is_begun)) - 1) * step;
        first += passed;
        count = min(step, count - passed);
    }

    return first;
}

// The tile at a place of rows that are grouped, or not; false: there is none. Whole warps call it.
template <int tile_rows>
__device__ __forceinline__ bool find_rows(const int* offsets, int groups, int rows, int row_tile, tile_place& place) {
    if (offsets == nullptr) {
        place.group = 0;
        place.begin = 0;
        place.end = rows;
        place.row = row_tile * tile_rows;
        return place.row < rows;
    }

    place.group = group_of_place<tile_rows>(offsets, groups, row_tile);
    place.begin = offsets[place.group];
    place.end = offsets[place.group + 1];
    place.row = place.begin + (row_tile - place.begin / tile_rows - place.group) * tile_rows;
    return place.row < place.end;
}

// The block's tile of a product whose rows are grouped, or not; false: it has none.
template <int tile_rows, int tile_columns>
__device__ __forceinline__ bool find_row_tile(const product& p, tile_place& place) {
    const int column_tiles = (p.columns + tile_columns - 1) / tile_columns;
    int row_tile, column_tile;
    tile_of_band(blockIdx.x, gridDim.x / column_tiles, column_tiles, row_tile, column_tile);
    place.column = column_tile * tile_columns;
    return find_rows<tile_rows>(p.offsets, p.groups, p.rows, row_tile, place);
}

// The rows that a split of a group's sums takes.
template <int tile_depth>
__device__ __forceinline__ void find_share(const product& p, int group, int split, int splits, tile_place& place) {
    place.group = group;
    const int begin = p.offsets == nullptr ? 0 : p.offsets[group];
    const int end = p.offsets == nullptr ? p.depth : p.offsets[group + 1];
    const int steps = (end - begin + tile_depth - 1) / tile_depth;
    const int share = (steps + splits - 1) / splits * tile_depth;
    const long long first = begin + static_cast<long long>(split) * share;
    place.begin = first < end ? static_cast<int>(first) : end;
    place.end = end - place.begin < share ? end : place.begin + share;
}

// The block's tile of a product that sums over rows, and the rows that it sums over: a split's share of its group's. Grid: tiles, splits, groups.
template <int tile_rows, int tile_columns, int tile_depth>
__device__ __forceinline__ void find_sum_tile(const product& p, tile_place& place) {
    const int row_tiles = (p.rows + tile_rows - 1) / tile_rows, column_tiles = (p.columns + tile_columns - 1) / tile_columns;
    int row_tile, column_tile;
    tile_of_band(blockIdx.x, row_tiles, column_tiles, row_tile, column_tile);
    place.row = row_tile * tile_rows;
    place.column = column_tile * tile_columns;
    find_share<tile_depth>(p, blockIdx.z, blockIdx.y, gridDim.y, place);
}

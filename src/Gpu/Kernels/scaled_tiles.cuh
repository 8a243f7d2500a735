// Which tiles of products of E4M3 the blocks of a cluster compute on Hopper, pair after pair, and where their operands lie.
#pragma once
#include "scaled_ring.cuh"

constexpr int band_tiles = 16;

// A tile of the result as the copying warp sees it.
struct scaled_tile {
    scaled_note note;
    int columns;     // to copy; also where the block has no tile and computes that of the other once more, which it does not store
    int matrix;      // of the right operand's map
    int first_code;  // of the sum's first tile
};

// The tiles of the result's columns, in pairs.
__device__ __forceinline__ int column_pairs(const scaled_product& p) {
    return (p.columns.count() + cluster_blocks - 1) / cluster_blocks;
}

// The block's tile of columns, and that of rows, of a pair's number, in bands.
__device__ __forceinline__ int find_columns(const scaled_product& p, int number, int row_tiles, scaled_tile& tile, int& column_tile) {
    int row_tile, pair;
    tile_of_band<band_tiles>(number, row_tiles, column_pairs(p), row_tile, pair);
    const int own = pair * cluster_blocks + block_of_cluster();
    column_tile = min(own, p.columns.count() - 1);
    tile.columns = p.columns.size(column_tile);
    tile.note.column = p.columns.start(column_tile);
    tile.note.column_end = tile.note.column + (own == column_tile ? tile.columns : 0);
    return row_tile;
}

// y = [addend +] x W^T, or dx = [addend +] dy W of transposed matrices. A row has a scale for each tile of the sum, a tile of columns one for all.
struct scaled_rows {
    static constexpr bool copies_scales = false, result_is_float = false;

    static __device__ __forceinline__ int count(const scaled_product& p, int places) { return places * column_pairs(p); }

    // False: the place has no rows. Whole warps call it.
    static __device__ __forceinline__ bool find(const scaled_product& p, int places, int number, scaled_tile& tile) {
        tile_place at;
        int column_tile;
        const int row_tile = find_columns(p, number, places, tile, column_tile);
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
    static constexpr bool copies_scales = true, result_is_float = true;

    static __device__ __forceinline__ int count_of_matrix(const scaled_product& p) { return tile_cuts::covering(p.outputs) * column_pairs(p); }

    static __device__ __forceinline__ int count(const scaled_product& p, int) { return count_of_matrix(p) * p.groups; }

    static __device__ __forceinline__ bool find(const scaled_product& p, int, int number, scaled_tile& tile) {
        const int group = number / count_of_matrix(p), begin = p.offsets == nullptr ? 0 : p.offsets[group];
        const int end = p.offsets == nullptr ? p.rows : p.offsets[group + 1], place = begin / tile_elements + group;
        int column_tile;
        tile.note.row = find_columns(p, number - group * count_of_matrix(p), tile_cuts::covering(p.outputs), tile, column_tile) * tile_elements;
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

// Attention's inputs as its kernels see them. Sequences are cut into tiles that begin with the sequence, so that a sequence's bits do not depend on what
// stands beside it. The host knows how many sequences there are, not how long: it launches rows / tile + sequences tiles, and each block finds its own.
#pragma once
#include "scalars.cuh"
#include "warp_scan.cuh"

// Mirrors Actors.Tensors.Operations.AttentionShape.
struct attention_shape {
    int heads, nope, rope, value;
    float scale;

    __device__ __forceinline__ int query_columns() const {
        return nope + rope;
    }

    __device__ __forceinline__ int key_value_columns() const {
        return nope + value;
    }
};

// First row of each sequence, then the number of rows.
struct sequence_list {
    const int* starts;
    int count;
};

// Rows first .. first + rows - 1 of the sequence start .. end - 1; no rows: there is no such tile.
struct sequence_tile {
    int start, end, first, rows;
};

// Each warp finds it by itself.
__device__ __forceinline__ sequence_tile find_tile(const sequence_list& sequences, int tile, int tile_rows) {
    const int lane = threadIdx.x % 32;
    for (int base = 0; base < sequences.count; base += 32) {
        const int i = base + lane;
        const int start = i < sequences.count ? sequences.starts[i] : 0, end = i < sequences.count ? sequences.starts[i + 1] : 0;
        const int tiles = (end - start + tile_rows - 1) / tile_rows;
        const int through = sum_through(tiles);
        const int mine = tile - (through - tiles);
        const unsigned owners = __ballot_sync(all_lanes, mine >= 0 && mine < tiles);
        if (owners != 0) {
            const int owner = __ffs(owners) - 1;
            const int from = __shfl_sync(all_lanes, start, owner), to = __shfl_sync(all_lanes, end, owner);
            const int first = from + __shfl_sync(all_lanes, mine, owner) * tile_rows;
            return {from, to, first, min(tile_rows, to - first)};
        }

        tile -= __shfl_sync(all_lanes, through, 31);
    }

    return {0, 0, 0, 0};
}

// Queries, keys and values of one head.
template <typename T>
struct head_inputs {
    rows_of<const T> q, kv, k_rope;
    attention_shape shape;
    int head;

    __device__ __forceinline__ const T* query(long long row) const {
        return q.data + row * q.stride + head * shape.query_columns();
    }

    __device__ __forceinline__ const T* value(long long row) const {
        return kv.data + row * kv.stride + head * shape.key_value_columns() + shape.nope;
    }

    // From element c of a row's key on, up to the end of those without position or of the rotated ones.
    __device__ __forceinline__ const T* key_part(long long row, int c) const {
        return c < shape.nope ? kv.data + row * kv.stride + head * shape.key_value_columns() + c : k_rope.data + row * k_rope.stride + c - shape.nope;
    }

    // Element c of a row's key: those without position, then the rotated ones that all heads share.
    __device__ __forceinline__ float key(long long row, int c) const {
        return load(key_part(row, c));
    }
};

// What the gradients are computed from beside the forward's inputs. delta (rows, heads) is the sum of dO * o; contiguous.
template <typename T>
struct gradient_inputs {
    rows_of<const T> d_o;
    rows_of<const float> log_sum_exp;
    const float* delta;
};

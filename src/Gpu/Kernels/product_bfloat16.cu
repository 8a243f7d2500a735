// Products of bfloat16 on the tensor cores that every GPU from sm_80 on has: warps load fragments from shared memory to registers.
#include "product_tiles.cuh"
#include "tensor_core.cuh"

// Dynamic shared memory of a block: 192, 96, 64 and 80 KiB. Mirrors Actors.Gpu.Operations.Products.BFloat16Products.
using wide_tiles = tensor_tiles<128, 256, 64, 64, 64, 4>;
using square_tiles = tensor_tiles<128, 128, 64, 64, 64, 3>;
using small_tiles = tensor_tiles<64, 64, 64, 32, 32, 4>;
using low_tiles = tensor_tiles<16, 64, 128, 16, 16, 4>;

template <typename tiles>
struct fragments {
    unsigned a[tiles::warp_row_parts][4], b[tiles::warp_column_parts / 2][4];
};

// A warp's operands at depths 16 * part.. of a stage.
template <typename tiles, lie a_lies, lie b_lies>
__device__ __forceinline__ void load_fragments(fragments<tiles>& to, const pack<bfloat16>* stage, int part) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int row = warp / tiles::warps_beside * tiles::warp_row_parts * 16, column = warp % tiles::warps_beside * tiles::warp_column_parts * 8;
    const int line = lane % 8, low = lane / 8 % 2, high = lane / 16;
#pragma unroll
    for (int i = 0; i < tiles::warp_row_parts; i++) {
        // Matrices: the rows' first and second half at the depths' first half, then at their second half.
        const int r = row + 16 * i;
        const int at = a_lies == lie::along ? pack_at<tiles::rows>(r + 8 * low + line, 2 * part + high)
                                            : pack_at<tiles::depth>(16 * part + 8 * high + line, r / 8 + low);
        load_matrices<a_lies == lie::across>(to.a[i], place_of(stage + at));
    }

#pragma unroll
    for (int j = 0; j < tiles::warp_column_parts / 2; j++) {
        // Matrices: the depths' first and second half at the columns' first half, then at their second half.
        const int c = column + 16 * j;
        const int at = b_lies == lie::along ? pack_at<tiles::columns>(c + 8 * high + line, 2 * part + low)
                                            : pack_at<tiles::depth>(16 * part + 8 * low + line, c / 8 + high);
        load_matrices<b_lies == lie::across>(to.b[j], place_of(stage + tiles::a_packs + at));
    }
}

template <typename tiles, bool copies_16_bytes>
struct warp_cores {
    static constexpr bool is_aligned = copies_16_bytes;

    // The sums of a tile.
    template <lie a_lies, lie b_lies>
    static __device__ __forceinline__ void sum(const stage_copies<tiles, a_lies, b_lies, is_aligned>& copies, tensor_sums<tiles>& sums) {
        constexpr int parts = tiles::depth / 16;
        const int steps = copies.steps();
#pragma unroll
        for (int step = 0; step < tiles::stages - 1; step++) {
            copies.copy(step);
        }

        wait_for_batches<tiles::stages - 2>();
        __syncthreads();
        // While one part is multiplied, the next is loaded.
        fragments<tiles> loaded[2];
        load_fragments<tiles, a_lies, b_lies>(loaded[0], copies.stage(0), 0);
        for (int step = 0; step < steps; step++) {
#pragma unroll
            for (int part = 0; part < parts; part++) {
                const bool is_last = part == parts - 1;
                if (is_last) {
                    // All see the next stage's copies, and have loaded the last of this stage, whose place the copies of the next step take.
                    wait_for_batches<tiles::stages - 2>();
                    __syncthreads();
                }

                // After the last step this loads what nobody multiplies.
                load_fragments<tiles, a_lies, b_lies>(loaded[(part + 1) % 2], copies.stage(is_last ? step + 1 : step), (part + 1) % parts);
                if (part == 0) {
                    copies.copy(step + tiles::stages - 1);
                }

                const fragments<tiles>& now = loaded[part % 2];
#pragma unroll
                for (int i = 0; i < tiles::warp_row_parts; i++) {
#pragma unroll
                    for (int j = 0; j < tiles::warp_column_parts; j++) {
                        multiply_add(sums[i][j], now.a[i], now.b[j / 2][2 * (j % 2)], now.b[j / 2][2 * (j % 2) + 1]);
                    }
                }
            }
        }

        // Batches without copies may still be counted.
        wait_for_batches<0>();
    }
};

PRODUCTS(wide, wide_tiles, 1, warp_cores<wide_tiles, true>)
PRODUCTS(square, square_tiles, 2, warp_cores<square_tiles, true>)
PRODUCTS(small, small_tiles, 3, warp_cores<small_tiles, true>)
PRODUCTS(low, low_tiles, 2, warp_cores<low_tiles, true>)
PRODUCTS(unaligned, small_tiles, 3, warp_cores<small_tiles, false>)
WEIGHT_PRODUCTS(wide, wide_tiles, 1, warp_cores<wide_tiles, true>)
WEIGHT_PRODUCTS(square, square_tiles, 2, warp_cores<square_tiles, true>)
WEIGHT_PRODUCTS(small, small_tiles, 3, warp_cores<small_tiles, true>)
WEIGHT_PRODUCTS(unaligned, small_tiles, 3, warp_cores<small_tiles, false>)

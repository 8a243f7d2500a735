// Products of bfloat16 on Hopper's tensor cores, which read shared memory themselves.
#include "async_tensor_core.cuh"
#include "product_tiles.cuh"

// Dynamic shared memory of a block: 192 and 96 KiB. A group of four warps computes 64 rows. Mirrors Actors.Gpu.Operations.Products.BFloat16Products.
using wide_tiles = tensor_tiles<128, 256, 64, 16, 256, 4>;
using square_tiles = tensor_tiles<128, 128, 64, 16, 128, 3>;

template <typename tiles>
struct group_cores {
    static constexpr bool is_aligned = true;

    // The sums of a tile. Products of one stage are under way while those of the next are begun, so that copies are two stages ahead at most.
    template <lie a_lies, lie b_lies>
    static __device__ __forceinline__ void sum(const stage_copies<tiles, a_lies, b_lies, is_aligned>& copies, tensor_sums<tiles>& sums) {
        // A block of lines: all rows where they lie along the sum, else 64 of them at all depths.
        constexpr int block_bytes = tiles::depth * 128, group_bytes = 64 * 128;
        constexpr int a_part_bytes = a_lies == lie::along ? 32 : 2 * 1024, b_part_bytes = b_lies == lie::along ? 32 : 2 * 1024;
        static_assert(group_bytes == block_bytes, "64 rows begin at the same place, whichever way they lie");
        const int steps = copies.steps(), group = threadIdx.x / 128;
#pragma unroll
        for (int step = 0; step < tiles::stages - 2; step++) {
            copies.copy(step);
        }

        for (int step = 0; step < steps; step++) {
            // All see this stage's copies; and all products of the stage before the last have been computed, whose place the next copies take.
            wait_for_batches<tiles::stages - 3>();
            show_to_tensor_cores();
            __syncthreads();
            const shared_place a = place_of(copies.stage(step)) + group * group_bytes, b = place_of(copies.stage(step) + tiles::a_packs);
            begin_products();
#pragma unroll
            for (int part = 0; part < tiles::depth / 16; part++) {
                multiply_async<a_lies == lie::across, b_lies == lie::across>(
                    sums[0], matrix_at(a + part * a_part_bytes, block_bytes), matrix_at(b + part * b_part_bytes, block_bytes));
            }

            end_products();
            copies.copy(step + tiles::stages - 2);
            wait_for_products<1>();
        }

        wait_for_products<0>();
        wait_for_batches<0>();
    }
};

PRODUCTS(hopper_wide, wide_tiles, 1, group_cores<wide_tiles>)
PRODUCTS(hopper_square, square_tiles, 2, group_cores<square_tiles>)
WEIGHT_PRODUCTS(hopper_wide, wide_tiles, 1, group_cores<wide_tiles>)
WEIGHT_PRODUCTS(hopper_square, square_tiles, 2, group_cores<square_tiles>)

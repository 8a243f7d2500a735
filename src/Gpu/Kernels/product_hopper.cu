// Products of bfloat16 on Hopper's tensor cores, which read shared memory themselves.
#if __CUDA_ARCH__ >= 900
#include "product_hopper.cuh"

// Dynamic shared memory of a block: 192 KiB, barriers and notes. Mirrors Actors.Gpu.Operations.Products.BFloat16Products.
using wide_tiles = bulk_tiles<128, 256, 4>;
using square_tiles = bulk_tiles<128, 128, 6>;

BULK_PRODUCTS(hopper_wide, wide_tiles)
BULK_PRODUCTS(hopper_square, square_tiles)
#endif

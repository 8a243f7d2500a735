// Tensor cores from sm_80 on: fragments of bfloat16, sums in float32. Lane l of a warp holds, with g = l / 4 and t = l % 4,
//   of a 16 x 16 left operand (r, k): a[0] (g, 2t), a[1] (g + 8, 2t), a[2] (g, 2t + 8), a[3] (g + 8, 2t + 8), each with its neighbour at k + 1;
//   of a 16 x 8 right operand (k, c): b[0] (2t, g), b[1] (2t + 8, g), each with its neighbour at k + 1;
//   of the 16 x 8 sums (r, c):        (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
#pragma once
#include "async_copy.cuh"

// Four 8 x 8 matrices; lane l says where row l % 8 of matrix l / 8 begins. A lane gets of each the pair (l / 4, 2 (l % 4)), or of its transpose.
template <bool is_transposed>
__device__ __forceinline__ void load_matrices(unsigned (&matrices)[4], shared_place row) {
    if constexpr (is_transposed) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3])
                     : "r"(row)
                     : "memory");
    } else {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3])
                     : "r"(row)
                     : "memory");
    }
}

// sums += a b.
__device__ __forceinline__ void multiply_add(float (&sums)[4], const unsigned (&a)[4], unsigned b_0, unsigned b_1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b_0), "r"(b_1));
}

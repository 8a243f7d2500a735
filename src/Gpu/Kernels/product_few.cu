// Products of few rows of bfloat16 with a weight, y = [addend +] x Wᵀ, see linear_few.cuh.
#include "linear_few.cuh"

extern "C" __global__ void __launch_bounds__(few_threads) linear_few_1(few_product product) {
    linear_few<1>(product, {static_cast<int>(blockIdx.x), static_cast<int>(gridDim.x)}, product_output{product, 0.0f});
}

extern "C" __global__ void __launch_bounds__(few_threads) linear_few_8(few_product product) {
    linear_few<8>(product, {static_cast<int>(blockIdx.x), static_cast<int>(gridDim.x)}, product_output{product, 0.0f});
}

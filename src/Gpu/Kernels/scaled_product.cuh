// Products of E4M3 with scales: what is multiplied.
#pragma once
#include "product.cuh"
#include "tile_scale.cuh"

// Codes of an operand, and how far scales are apart. Mirrors Actors.Gpu.Operations.Products.ScaledCodes.
struct scaled_codes {
    const unsigned char* codes;
    long long stride;
    const float* scales;
    long long element_scale;  // from one row of the left operand, or column of the right one, to the next
    long long block_scale;    // from a tile of the result's columns to the next
    long long tile_scale;     // from a tile of the sum to the next
    long long matrix_codes, matrix_scales;  // from a group's matrix to the next
};

// Mirrors Actors.Gpu.Operations.Products.ScaledProduct.
struct scaled_product {
    scaled_codes a, b;
    any_rows result, addend;  // the addend is stored as the result; at nullptr: none; may be the result
    const int* offsets;       // groups + 1; nullptr: one group of all rows
    int groups, rows;         // rows of all groups
    int outputs;              // rows of a matrix of the result, where groups have matrices
    tile_cuts columns, depth; // of the result and of the sum
    int result_is_float;
};

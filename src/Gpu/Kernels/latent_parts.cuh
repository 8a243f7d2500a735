// How attention over the compressed cache is cut, and what lies between its kernels.
#pragma once
#include "sequence_tiles.cuh"

constexpr int most_parts = 16, least_part_rows = 512, part_step = 64;

// Rows of a part: by the sequence's length alone, so that a row's bits do not depend on the rows beside it.
__device__ __forceinline__ int part_rows(int length) {
    const int parts = min(most_parts, (length + least_part_rows - 1) / least_part_rows);
    return ((length + parts - 1) / parts + part_step - 1) / part_step * part_step;
}

// Float32; b is a row of the batch.
struct latent_scratch {
    float* queries;   // (b, head, latent): queries in the latent space
    float* averages;  // (b, head, part, latent): a part's sum of latents by exp(score - largest); part 0 ends as the average of all
    float* sums;      // (b, head, part, 2): a part's largest score and its sum of exponentials
};

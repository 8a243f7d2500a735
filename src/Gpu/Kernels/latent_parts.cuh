// How attention over the compressed cache is cut, and what lies between its kernels.
#pragma once
#include "sequence_tiles.cuh"

constexpr int most_parts = 16, usual_parts = 8, usual_part_rows = 512, part_step = 64;

// Rows of a part: by the sequence's length alone, so that a row's bits do not depend on the rows beside it. Of short sequences parts are short, so that one
// sequence fills more of the GPU; long ones have no more parts than there is room for.
__device__ __forceinline__ int part_rows(int length) {
    const int usual = min(usual_part_rows, (length + usual_parts - 1) / usual_parts), least = (length + most_parts - 1) / most_parts;
    return (max(1, max(usual, least)) + part_step - 1) / part_step * part_step;
}

// Float32; b is a row of the batch.
struct latent_scratch {
    float* queries;   // (b, head, latent): queries in the latent space
    float* averages;  // (b, head, part, latent): a part's sum of latents by exp(score - largest); part 0 ends as the average of all
    float* sums;      // (b, head, part, 2): a part's largest score and its sum of exponentials
};

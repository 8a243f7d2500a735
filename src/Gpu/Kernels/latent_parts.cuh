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

struct alignas(8) four_bfloat16 {
    unsigned low, high;
};

// One number, or four that begin at a multiple of their size.
template <int width>
__device__ __forceinline__ void get_numbers(const float* from, float (&x)[width]) {
    if constexpr (width == 4) {
        reinterpret_cast<const pack<float>*>(from)->get(x);
    } else {
        x[0] = load(from);
    }
}

template <int width>
__device__ __forceinline__ void get_numbers(const bfloat16* from, float (&x)[width]) {
    if constexpr (width == 4) {
        const four_bfloat16 four = *reinterpret_cast<const four_bfloat16*>(from);
        x[0] = __uint_as_float(four.low << 16);
        x[1] = __uint_as_float(four.low & 0xffff0000u);
        x[2] = __uint_as_float(four.high << 16);
        x[3] = __uint_as_float(four.high & 0xffff0000u);
    } else {
        x[0] = load(from);
    }
}

// The average of all parts of a head of a row, in order; the first part's place or another may take it. A thread has so many columns side by side.
template <int width>
__device__ __forceinline__ void combine_parts(const latent_scratch& scratch, long long head_of_row, int length, int latent, float* average) {
    const int size = part_rows(length), parts = (length + size - 1) / size;
    const long long at = head_of_row * most_parts;
    float largest = -infinity(), total = 0.0f, factors[most_parts], sums[most_parts];
#pragma unroll
    for (int part = 0; part < most_parts; part++) {
        factors[part] = part < parts ? scratch.sums[(at + part) * 2] : -infinity();
        sums[part] = part < parts ? scratch.sums[(at + part) * 2 + 1] : 0.0f;
    }

#pragma unroll
    for (int part = 0; part < most_parts; part++) {
        largest = fmaxf(largest, factors[part]);
    }

#pragma unroll
    for (int part = 0; part < most_parts; part++) {
        factors[part] = part < parts ? expf(factors[part] - largest) : 0.0f;
        total += part < parts ? factors[part] * sums[part] : 0.0f;
    }

    for (int c = threadIdx.x * width; c < latent; c += blockDim.x * width) {
        float sum[width] = {}, term[most_parts][width];
#pragma unroll
        for (int part = 0; part < most_parts; part++) {
            if (part < parts) {
                get_numbers(scratch.averages + (at + part) * latent + c, term[part]);
            }
        }

#pragma unroll
        for (int part = 0; part < most_parts; part++) {
            if (part < parts) {
#pragma unroll
                for (int i = 0; i < width; i++) {
                    sum[i] = fmaf(factors[part], term[part][i], sum[i]);
                }
            }
        }

#pragma unroll
        for (int i = 0; i < width; i++) {
            average[c + i] = sum[i] / total;
        }
    }
}

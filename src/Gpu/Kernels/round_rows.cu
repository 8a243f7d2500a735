// y = x rounded to bfloat16. Rows of y begin at multiples of 16 bytes and are whole packs: zeros fill the last.
#include "elements.cuh"

extern "C" __global__ void round_rows(rows_of<const float> x, rows_of<bfloat16> y, int rows, int columns) {
    const int packs = (columns + 7) / 8;
    const bool is_packed = reinterpret_cast<unsigned long long>(x.data) % 16 == 0 && x.stride % 4 == 0;
    const long long end = static_cast<long long>(rows) * packs, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < end; i += step) {
        // A division of 32 bits takes a fraction of one of 64.
        const long long row = end <= 0x7fffffff ? static_cast<unsigned>(i) / static_cast<unsigned>(packs) : i / packs;
        const int p = static_cast<int>(i - row * packs);
        const float* from = x.data + row * x.stride + 8 * p;
        float numbers[8];
        if (is_packed && 8 * p + 8 <= columns) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                float words[4];
                reinterpret_cast<const pack<float>*>(from)[half].get(words);
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    numbers[4 * half + e] = words[e];
                }
            }
        } else {
#pragma unroll
            for (int e = 0; e < 8; e++) {
                numbers[e] = 8 * p + e < columns ? from[e] : 0.0f;
            }
        }

        y.packs(row)[p].set(numbers);
    }
}

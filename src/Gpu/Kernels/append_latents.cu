// A token's projections before attention, see append_rows.cuh: its queries rotated in place, its key and latent to the cache. A block a row.
#include "append_rows.cuh"

extern "C" __global__ void __launch_bounds__(append_threads) append_latents(appended_rows rows) {
    const long long r = blockIdx.x, position = rows.positions[r];
    const float *cos = rows.cos.data + position * rows.cos.stride, *sin = rows.sin.data + position * rows.sin.stride;
    for (int i = threadIdx.x; i < rows.heads * rows.pairs; i += append_threads) {
        const int head = i / rows.pairs, pair = i % rows.pairs;
        bfloat16* const even = rows.query.data + r * rows.query.stride + (head + 1LL) * rows.head_columns - 2 * (rows.pairs - pair);
        store_rotated(even, load(even), load(even + 1), cos[pair], sin[pair]);
    }

    append_row(rows, r);
}

// Attention of few new rows of bfloat16 over the compressed cache in one kernel: a block has a part of a head of a row, see latent_part.cuh, and the last of a
// head's blocks combines the parts and expands their average to values. Where heads and parts are few a block also brings the head's query into the latent space
// itself: each part does it again, but none waits for another kernel.
#include "block_sum.cuh"
#include "last_block.cuh"
#include "latent_part.cuh"

constexpr int part_warps = part_threads / 32, warp_values = 8, query_batch = 8;

// The head's query in the latent space, of whose weights a warp reads every eighth row: the sums of latent_queries_few.
__device__ __forceinline__ void absorb_query(const bfloat16* nope_query, rows_of<const bfloat16> up, int nope, int latent, float* query) {
    __shared__ pack<float> sums_of_warps[part_warps][part_threads / 4];
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    for (int first = 0; first < latent; first += part_threads) {
        const int column = first + lane * 8;
        float sums[8] = {};
        for (int base = warp; base < nope; base += part_warps * query_batch) {
            pack<bfloat16> weights[query_batch];
            float elements[query_batch];
#pragma unroll
            for (int k = 0; k < query_batch; k++) {
                const int i = base + k * part_warps;
                const bool is_there = i < nope && column < latent;
                weights[k] = is_there ? up.packs(i)[column / 8] : pack<bfloat16>{};
                elements[k] = is_there ? load(nope_query + i) : 0.0f;
            }

#pragma unroll
            for (int k = 0; k < query_batch; k++) {
                float weight[8];
                weights[k].get(weight);
#pragma unroll
                for (int j = 0; j < 8; j++) {
                    sums[j] = fmaf(elements[k], weight[j], sums[j]);
                }
            }
        }

#pragma unroll
        for (int j = 0; j < 8; j++) {
            sums_of_warps[warp][lane * 2 + j / 4].words[j % 4] = sums[j];
        }

        __syncthreads();
        float sum = 0.0f;
#pragma unroll
        for (int other = 0; other < part_warps; other++) {
            sum += sums_of_warps[other][threadIdx.x / 4].words[threadIdx.x % 4];
        }

        if (first + static_cast<int>(threadIdx.x) < latent) {
            query[first + threadIdx.x] = sum;
        }

        __syncthreads();
    }
}

// o[v] = the sum over c of up[v][c] * average[c], a warp eight value columns at once.
__device__ __forceinline__ void expand_average(rows_of<const bfloat16> up, const float* average, int values, int latent, bfloat16* o) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    for (int first = warp * warp_values; first < values; first += part_warps * warp_values) {
        float sums[warp_values] = {};
        for (int p = lane; p < latent / 8; p += 32) {
            pack<bfloat16> weight[warp_values];
#pragma unroll
            for (int v = 0; v < warp_values; v++) {
                weight[v] = up.packs(min(first + v, values - 1))[p];
            }

            const auto* numbers = reinterpret_cast<const pack<float>*>(average + p * 8);
#pragma unroll
            for (int v = 0; v < warp_values; v++) {
                float x[8];
                weight[v].get(x);
#pragma unroll
                for (int i = 0; i < 8; i++) {
                    sums[v] = fmaf(x[i], numbers[i / 4].words[i % 4], sums[v]);
                }
            }
        }

#pragma unroll
        for (int v = 0; v < warp_values; v++) {
            const float sum = warp_sum(sums[v]);
            if (lane == v && first + v < values) {
                store(o + first + v, sum);
            }
        }
    }
}

// counters: one a head of a row, 0 before and after.
extern "C" __global__ void __launch_bounds__(part_threads) latent_attention_few(
    rows_of<const bfloat16> q, rows_of<const bfloat16> up, rows_of<const bfloat16> cache, const int* first_rows, const int* lengths, attention_shape shape,
    int latent, latent_scratch scratch, rows_of<bfloat16> o, int* counters, int absorbs) {
    extern __shared__ pack<bfloat16> tile[];
    const int head = blockIdx.x, part = blockIdx.y, b = blockIdx.z, length = lengths[b], size = part_rows(length), from = part * size;
    const int columns = latent + shape.rope, packs = columns / 8, pitch = packs + 1;
    if (from >= length) {
        return;
    }

    const part_tile rows = {tile, {cache.data + first_rows[b] * cache.stride, cache.stride}, from, min(length, from + size), packs, pitch};
    rows.bring(from);
    const long long at = static_cast<long long>(b) * shape.heads + head;
    const bfloat16* const own_query = q.data + b * q.stride + head * shape.query_columns();
    const rows_of<const bfloat16> own_up = {up.data + static_cast<long long>(head) * shape.key_value_columns() * up.stride, up.stride};
    float* const query = reinterpret_cast<float*>(tile + tile_rows * pitch);
    load_query(scratch.queries + at * latent, own_query + shape.nope, absorbs ? latent : 0, latent, columns, query);

    if (absorbs) {
        absorb_query(own_query, own_up, shape.nope, latent, query);
    }

    attend_part(rows, query, shape.scale, latent, scratch, at, part);
    if (is_last_block(counters + at, (length + size - 1) / size)) {
        combine_parts<1>(scratch, at, length, latent, query);
        __syncthreads();
        const rows_of<const bfloat16> value_up = {own_up.data + shape.nope * own_up.stride, own_up.stride};
        expand_average(value_up, query, shape.value, latent, o.data + b * o.stride + head * shape.value);
    }
}

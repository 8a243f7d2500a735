// A part of attention over the compressed cache by tensor cores: latents of 512, rotated keys of 64, bfloat16. All heads of a block share each tile of
// cache rows, of which the next is copied to shared memory while one is computed with.
#include "latent_parts.cuh"
#include "tensor_tiles.cuh"

constexpr int latent = 512, rope = 64, columns = latent + rope, passed_rows = 32, score_pitch = 40, warp_columns = 128;
static_assert(columns % 64 == 0);
constexpr float log2_e = 1.4426950408889634f;

template <int strips, int warps>
struct part_memory {
    static constexpr int heads = 16 * strips;
    pack<bfloat16> queries[tile_bytes<heads, columns> / 16], stages[2][tile_bytes<passed_rows, columns> / 16];
    float scores[heads][score_pitch], kept[heads];
    pack<bfloat16> probabilities[tile_bytes<heads, passed_rows> / 16];
};

// The block's queries as bfloat16, zero beyond the last head.
template <int heads, int threads>
__device__ __forceinline__ void load_queries(pack<bfloat16>* to, const float* latents, const bfloat16* ropes, int rope_stride, int live) {
    constexpr int parts = columns / 8;
    for (int i = threadIdx.x; i < heads * parts; i += threads) {
        const int head = i / parts, part = i % parts;
        pack<bfloat16> row;
        if (head >= live) {
            const float none[8] = {};
            row.set(none);
        } else if (part < latent / 8) {
            const auto* from = reinterpret_cast<const pack<float>*>(latents + static_cast<long long>(head) * latent) + 2 * part;
            const pack<float> low = from[0], high = from[1];
            const float x[8] = {
                low.words[0], low.words[1], low.words[2], low.words[3], high.words[0], high.words[1], high.words[2], high.words[3]};
            row.set(x);
        } else {
            row = reinterpret_cast<const pack<bfloat16>*>(ropes + static_cast<long long>(head) * rope_stride)[part - latent / 8];
        }

        to[head * (pitch<columns> / 8) + part] = row;
    }
}

template <int strips, int warps>
__device__ __forceinline__ void latent_part(
    rows_of<const bfloat16> q, rows_of<const bfloat16> cache, const int* first_rows, const int* lengths, const attention_shape& shape,
    const latent_scratch& scratch) {
    using memory_type = part_memory<strips, warps>;
    constexpr int threads = 32 * warps, heads = memory_type::heads;
    constexpr int octets = strips * (passed_rows / 8) / warps, chains = 4 / octets;          // of a warp's scores: tiles of 8 rows, sums of each
    constexpr int column_warps = latent / warp_columns, own_strips = strips * column_warps / warps;  // of a warp's averages
    constexpr int sharers = threads / heads, shared_rows = passed_rows / sharers;            // threads of a head's softmax, and rows of each
    extern __shared__ pack<float> shared_packs[];
    auto& memory = *reinterpret_cast<memory_type*>(shared_packs);
    const int b = blockIdx.z, length = lengths[b], size = part_rows(length), from = blockIdx.y * size, to = min(length, from + size);
    if (from >= length) {
        return;
    }

    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first_head = blockIdx.x * heads, live_heads = min(heads, shape.heads - first_head);
    const long long first_cache_row = first_rows[b], at = static_cast<long long>(b) * shape.heads + first_head;
    const auto fetch = [&](int number) {
        const int first = from + number * passed_rows;
        copy_rows<passed_rows, columns, threads>(place_of(memory.stages[number % 2]), to - first, [&](int row, int c) {
            return cache.data + (first_cache_row + first + row) * cache.stride + c;
        });
        end_batch();
    };
    fetch(0);
    load_queries<heads, threads>(
        memory.queries, scratch.queries + at * latent, q.data + b * q.stride + first_head * shape.query_columns() + shape.nope, shape.query_columns(), live_heads);
    const float factor = shape.scale * log2_e;
    const int score_strip = warp % strips, first_octet = warp / strips * octets, first_strip = warp / column_warps * own_strips;
    const int first_column = warp % column_warps * warp_columns, head = threadIdx.x / sharers, first_shared = threadIdx.x % sharers * shared_rows;
    float average[own_strips][warp_columns / 8][4] = {}, largest = -infinity(), sum = 0.0f;
    const int tiles = (to - from + passed_rows - 1) / passed_rows;
    for (int number = 0; number < tiles; number++) {
        // This tile has come for all threads, and nobody reads the one before, its scores or its probabilities any more.
        wait_for_batches<0>();
        __syncthreads();
        if (number + 1 < tiles) {
            fetch(number + 1);
        }

        const shared_place stage = place_of(memory.stages[number % 2]);
        float scores[octets][chains][4] = {};
        const shared_place strip_queries = place_of(memory.queries) + tile_bytes<16, columns> * score_strip;
        const shared_place rows = stage + ((8 * first_octet + lane % 8) * pitch<columns> + lane / 8 * 8) * sizeof(bfloat16);
#pragma unroll 3
        for (int k = 0; k < columns / 16; k += 4) {
            // Which sum a step adds to is known to the compiler, so that sums stay in registers.
#pragma unroll
            for (int step = 0; step < 4; step += 2) {
                unsigned left[2][4];
                load_left<columns>(left[0], strip_queries, k + step);
                load_left<columns>(left[1], strip_queries, k + step + 1);
#pragma unroll
                for (int octet = 0; octet < octets; octet++) {
                    unsigned right[4];
                    load_matrices<false>(right, rows + (8 * octet * pitch<columns> + 16 * (k + step)) * sizeof(bfloat16));
                    multiply_add(scores[octet][step % chains], left[0], right[0], right[1]);
                    multiply_add(scores[octet][(step + 1) % chains], left[1], right[2], right[3]);
                }
            }
        }

#pragma unroll
        for (int octet = 0; octet < octets; octet++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                float score = scores[octet][0][i];
#pragma unroll
                for (int chain = 1; chain < chains; chain++) {
                    score += scores[octet][chain][i];
                }

                memory.scores[16 * score_strip + lane / 4 + i / 2 * 8][8 * (first_octet + octet) + lane % 4 * 2 + i % 2] = score;
            }
        }

        __syncthreads();
        const int live_rows = to - (from + number * passed_rows);
        float mine[shared_rows], next = largest;
#pragma unroll
        for (int i = 0; i < shared_rows; i++) {
            mine[i] = first_shared + i < live_rows ? memory.scores[head][first_shared + i] : -infinity();
            next = fmaxf(next, mine[i]);
        }

#pragma unroll
        for (int distance = 1; distance < sharers; distance *= 2) {
            next = fmaxf(next, __shfl_xor_sync(all_lanes, next, distance));
        }

        const float kept = power_of_two((largest - next) * factor), base = next * factor;
        largest = next;
        sum *= kept;
        auto* const probabilities = reinterpret_cast<bfloat16*>(memory.probabilities) + head * pitch<passed_rows> + first_shared;
#pragma unroll
        for (int i = 0; i < shared_rows; i += 2) {
            const float one = power_of_two(fmaf(mine[i], factor, -base)), two = power_of_two(fmaf(mine[i + 1], factor, -base));
            sum += one + two;
            store_pair(probabilities + i, one, two);
        }

        if (first_shared == 0) {
            memory.kept[head] = kept;
        }

        __syncthreads();
#pragma unroll
        for (int strip = 0; strip < own_strips; strip++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float rest = memory.kept[16 * (first_strip + strip) + lane / 4 + i / 2 * 8];
#pragma unroll
                for (int n = 0; n < warp_columns / 8; n++) {
                    average[strip][n][i] *= rest;
                }
            }
        }

        const shared_place values = stage + (lane % 16 * pitch<columns> + lane / 16 * 8 + first_column) * sizeof(bfloat16);
#pragma unroll
        for (int k = 0; k < passed_rows / 16; k++) {
            unsigned left[own_strips][4];
#pragma unroll
            for (int strip = 0; strip < own_strips; strip++) {
                load_left<passed_rows>(left[strip], place_of(memory.probabilities) + tile_bytes<16, passed_rows> * (first_strip + strip), k);
            }

#pragma unroll
            for (int n = 0; n < warp_columns / 8; n += 2) {
                unsigned right[4];
                load_matrices<true>(right, values + (16 * k * pitch<columns> + 8 * n) * sizeof(bfloat16));
#pragma unroll
                for (int strip = 0; strip < own_strips; strip++) {
                    multiply_add(average[strip][n], left[strip], right[0], right[1]);
                    multiply_add(average[strip][n + 1], left[strip], right[2], right[3]);
                }
            }
        }
    }

#pragma unroll
    for (int strip = 0; strip < own_strips; strip++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int own_head = 16 * (first_strip + strip) + lane / 4 + half * 8;
            if (own_head < live_heads) {
                float* const result = scratch.averages + ((at + own_head) * most_parts + blockIdx.y) * latent + first_column + lane % 4 * 2;
#pragma unroll
                for (int n = 0; n < warp_columns / 8; n++) {
                    result[8 * n] = average[strip][n][2 * half];
                    result[8 * n + 1] = average[strip][n][2 * half + 1];
                }
            }
        }
    }

#pragma unroll
    for (int distance = 1; distance < sharers; distance *= 2) {
        sum += __shfl_xor_sync(all_lanes, sum, distance);
    }

    if (first_shared == 0 && head < live_heads) {
        float* const result = scratch.sums + ((at + head) * most_parts + blockIdx.y) * 2;
        result[0] = largest * shape.scale;
        result[1] = sum;
    }
}

#define LATENT_PART(heads, warps, blocks)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(32 * warps, blocks) latent_part_##heads(                                                             \
        rows_of<const bfloat16> q, rows_of<const bfloat16> cache, const int* first_rows, const int* lengths, attention_shape shape,                   \
        latent_scratch scratch) {                                                                                                                     \
        latent_part<heads / 16, warps>(q, cache, first_rows, lengths, shape, scratch);                                                                \
    }

LATENT_PART(16, 4, 2)
LATENT_PART(64, 8, 1)

// A part of attention over the compressed cache on Hopper, 16 heads a block: latents of 512, rotated keys of 64, bfloat16. One warp copies rows of the cache to a
// ring of stages in shared memory, four compute. Each has a quarter of the columns of all scores, which the warps then add up, and a quarter of the averages.
#if __CUDA_ARCH__ >= 900
#include "bulk_copy.cuh"
#include "latent_parts.cuh"
#include "tensor_tiles.cuh"

// Mirrored by Actors.Gpu.Operations.TensorLatentPart: stages of 16 rows, of which a tile has two.
constexpr int latent = 512, rope = 64, columns = latent + rope, heads = 16, warps = 4, stage_rows = 16, stages = 5, tile_stages = 2;
constexpr int computing = 32 * warps, tile_rows = stage_rows * tile_stages, octets = tile_rows / 8;
constexpr int score_columns = columns / warps, score_steps = score_columns / 16, value_columns = latent / warps, value_octets = value_columns / 8;
static_assert(score_columns % 16 == 0 && value_columns % 16 == 0);
constexpr int row_bytes = columns * static_cast<int>(sizeof(bfloat16));
constexpr float log2_e = 1.4426950408889634f;

// Scores have a place each for this tile and for the next, so that warps wait for each other once a tile.
struct bulk_part_memory {
    pack<bfloat16> rows[stages][tile_bytes<stage_rows, columns> / 16];
    pack<float> scores[2][warps][octets][32];
    unsigned long long full[stages], empty[stages];
};

struct stage_ring {
    int stage = 0;
    unsigned parity = 0;

    __device__ __forceinline__ void next() {
        stage = stage + 1 == stages ? 0 : stage + 1;
        parity ^= stage == 0 ? 1 : 0;
    }
};

struct alignas(8) float_pair {
    float first, second;
};

// Two of a head's query from column c on, as bfloat16; the latent ones are float32. Zeros where there is no head.
__device__ __forceinline__ unsigned query_pair(const float* latents, const bfloat16* ropes, int c, bool is_live) {
    if (!is_live) {
        return 0;
    }

    if (c < latent) {
        const float_pair two = *reinterpret_cast<const float_pair*>(latents + c);
        return pair_of(two.first, two.second);
    }

    return *reinterpret_cast<const unsigned*>(ropes + c - latent);
}

// One warp: brings the rows from .. to - 1, in whole tiles; the last row stands for those beyond it, so that no stage has what is no number.
__device__ __forceinline__ void copy_part(bulk_part_memory& memory, rows_of<const bfloat16> cache, long long first_row, int from, int to) {
    const int lane = threadIdx.x % 32, tiles = (to - from + tile_rows - 1) / tile_rows;
    stage_ring ring;
    for (int number = 0; number < tiles * tile_stages; number++) {
        wait_for_round(place_of(memory.empty + ring.stage), ring.parity ^ 1);
        if (lane == 0) {
            arrive_expecting(place_of(memory.full + ring.stage), stage_rows * row_bytes);
        }

        __syncwarp();
        if (lane < stage_rows) {
            const int row = min(from + number * stage_rows + lane, to - 1);
            copy_bytes(
                place_of(memory.rows[ring.stage]) + lane * pitch<columns> * static_cast<int>(sizeof(bfloat16)), cache.data + (first_row + row) * cache.stride, row_bytes,
                place_of(memory.full + ring.stage));
        }

        ring.next();
    }
}

// What a lane has of two heads, of lane / 4 and 8 more: the largest score so far, and its own rows' sum of exponentials.
struct head_sums {
    float largest[2] = {-infinity(), -infinity()}, sum[2] = {};

    // Scores become exponentials; what was summed before counts by the factors. A lane has of each octet of rows its pair 2 (lane % 4).
    __device__ __forceinline__ void take(float (&scores)[octets][4], float factor, float (&kept)[2]) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float next = largest[half];
#pragma unroll
            for (int octet = 0; octet < octets; octet++) {
                next = fmaxf(next, fmaxf(scores[octet][2 * half], scores[octet][2 * half + 1]));
            }

            next = fmaxf(next, __shfl_xor_sync(all_lanes, next, 1));
            next = fmaxf(next, __shfl_xor_sync(all_lanes, next, 2));
            const float base = next * factor;
            kept[half] = power_of_two((largest[half] - next) * factor);
            largest[half] = next;
            sum[half] *= kept[half];
#pragma unroll
            for (int octet = 0; octet < octets; octet++) {
#pragma unroll
                for (int i = 2 * half; i < 2 * half + 2; i++) {
                    scores[octet][i] = power_of_two(fmaf(scores[octet][i], factor, -base));
                    sum[half] += scores[octet][i];
                }
            }
        }
    }
};

__device__ __forceinline__ void compute_part(
    bulk_part_memory& memory, const float* latents, const bfloat16* ropes, int rope_stride, int live_heads, int rows, float factor, const latent_scratch& scratch,
    long long at, float scale) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first_head = lane / 4;
    unsigned queries[score_steps][4];
#pragma unroll
    for (int k = 0; k < score_steps; k++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int head = first_head + i % 2 * 8;
            queries[k][i] = query_pair(
                latents + head * latent, ropes + head * rope_stride, warp * score_columns + 16 * k + lane % 4 * 2 + i / 2 * 8, head < live_heads);
        }
    }

    head_sums sums;
    float average[value_octets][4] = {};
    stage_ring ring;
    const int tiles = (rows + tile_rows - 1) / tile_rows;
    for (int number = 0; number < tiles; number++) {
        shared_place stage[tile_stages], empty[tile_stages];
#pragma unroll
        for (int part = 0; part < tile_stages; part++) {
            stage[part] = place_of(memory.rows[ring.stage]);
            empty[part] = place_of(memory.empty + ring.stage);
            wait_for_round(place_of(memory.full + ring.stage), ring.parity);
            ring.next();
        }

        float scores[octets][4] = {};
        const int score_place = ((lane / 16 * 8 + lane % 8) * pitch<columns> + lane / 8 % 2 * 8 + warp * score_columns) * static_cast<int>(sizeof(bfloat16));
#pragma unroll
        for (int k = 0; k < score_steps; k++) {
#pragma unroll
            for (int part = 0; part < tile_stages; part++) {
                unsigned right[4];
                load_matrices<false>(right, stage[part] + score_place + 32 * k);
                multiply_add(scores[2 * part], queries[k], right[0], right[1]);
                multiply_add(scores[2 * part + 1], queries[k], right[2], right[3]);
            }
        }

        auto& of_warps = memory.scores[number % 2];
#pragma unroll
        for (int octet = 0; octet < octets; octet++) {
            of_warps[warp][octet][lane].set(scores[octet]);
        }

        meet<computing>(1);
        const int live_rows = rows - number * tile_rows;
#pragma unroll
        for (int octet = 0; octet < octets; octet++) {
            of_warps[0][octet][lane].get(scores[octet]);
#pragma unroll
            for (int other = 1; other < warps; other++) {
                float more[4];
                of_warps[other][octet][lane].get(more);
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    scores[octet][i] += more[i];
                }
            }

#pragma unroll
            for (int i = 0; i < 4; i++) {
                scores[octet][i] = 8 * octet + lane % 4 * 2 + i % 2 < live_rows ? scores[octet][i] : -infinity();
            }
        }

        float kept[2];
        sums.take(scores, factor, kept);
        // The largest changes seldom after the first tiles.
        if (__ballot_sync(all_lanes, kept[0] != 1.0f || kept[1] != 1.0f) != 0) {
#pragma unroll
            for (int n = 0; n < value_octets; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    average[n][i] *= kept[i / 2];
                }
            }
        }

        const int value_place = (lane % 16 * pitch<columns> + lane / 16 * 8 + warp * value_columns) * static_cast<int>(sizeof(bfloat16));
#pragma unroll
        for (int part = 0; part < tile_stages; part++) {
            unsigned left[4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float (&octet)[4] = scores[2 * part + i / 2];
                left[i] = pair_of(octet[i % 2 * 2], octet[i % 2 * 2 + 1]);
            }

#pragma unroll
            for (int n = 0; n < value_octets; n += 2) {
                unsigned right[4];
                load_matrices<true>(right, stage[part] + value_place + 16 * n);
                multiply_add(average[n], left, right[0], right[1]);
                multiply_add(average[n + 1], left, right[2], right[3]);
            }

            __syncwarp();
            if (lane == 0) {
                arrive(empty[part]);
            }
        }
    }

#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int head = first_head + 8 * half;
        float sum = sums.sum[half];
        sum += __shfl_xor_sync(all_lanes, sum, 1);
        sum += __shfl_xor_sync(all_lanes, sum, 2);
        if (head >= live_heads) {
            continue;
        }

        const long long place = (at + head) * most_parts + blockIdx.y;
        float* const result = scratch.averages + place * latent + warp * value_columns + lane % 4 * 2;
#pragma unroll
        for (int n = 0; n < value_octets; n++) {
            *reinterpret_cast<float_pair*>(result + 8 * n) = {average[n][2 * half], average[n][2 * half + 1]};
        }

        if (warp == 0 && lane % 4 == 0) {
            scratch.sums[place * 2] = sums.largest[half] * scale;
            scratch.sums[place * 2 + 1] = sum;
        }
    }
}

extern "C" __global__ void __launch_bounds__(computing + 32, 2) latent_part_bulk(
    rows_of<const bfloat16> q, rows_of<const bfloat16> cache, const int* first_rows, const int* lengths, attention_shape shape, latent_scratch scratch) {
    extern __shared__ pack<float> shared_packs[];
    auto& memory = *reinterpret_cast<bulk_part_memory*>(shared_packs);
    const int b = blockIdx.z, length = lengths[b], size = part_rows(length), from = blockIdx.y * size, to = min(length, from + size);
    if (from >= length) {
        return;
    }

    if (threadIdx.x == 0) {
        for (int stage = 0; stage < stages; stage++) {
            make_barrier(place_of(memory.full + stage), 1);
            make_barrier(place_of(memory.empty + stage), warps);
        }

        show_barriers();
    }

    __syncthreads();
    if (threadIdx.x >= computing) {
        copy_part(memory, cache, first_rows[b], from, to);
        return;
    }

    const int first_head = blockIdx.x * heads;
    const long long at = static_cast<long long>(b) * shape.heads + first_head;
    compute_part(
        memory, scratch.queries + at * latent, q.data + b * q.stride + first_head * shape.query_columns() + shape.nope, shape.query_columns(),
        min(heads, shape.heads - first_head), to - from, shape.scale * log2_e, scratch, at, shape.scale);
}
#endif

// Causal attention by tensor cores for heads of two sizes, bfloat16. A block has a tile of a head's queries in registers and passes over the keys and
// values in tiles of 64, of which the next is copied to shared memory while one is computed with.
#include "tensor_tiles.cuh"

constexpr int key_rows = 64;
constexpr float log2_e = 1.4426950408889634f;

template <int nope, int rope, int value, int warps, int strips>
__device__ __forceinline__ void attention(const head_inputs<bfloat16>& head, const sequence_list& sequences, rows_of<bfloat16> o, rows_of<float> log_sum_exp) {
    constexpr int columns = nope + rope, threads = 32 * warps, strip_rows = 16, warp_rows = strip_rows * strips, tile_rows = warp_rows * warps;
    constexpr int key_bytes = tile_bytes<key_rows, columns>, stage_bytes = key_bytes + tile_bytes<key_rows, value>;
    static_assert(tile_bytes<tile_rows, columns> <= 2 * stage_bytes);
    extern __shared__ pack<float> shared_packs[];
    const sequence_tile tile = find_tile(sequences, gridDim.y - 1 - blockIdx.y, tile_rows);
    if (tile.rows == 0) {
        return;
    }

    const shared_place shared = place_of(shared_packs);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first_row = tile.first + warp * warp_rows;
    unsigned query[columns / 16][strips][4];
    copy_rows<tile_rows, columns, threads>(shared, tile.rows, [&](int row, int c) { return head.query(tile.first + row) + c; });
    end_batch();
    wait_for_batches<0>();
    __syncthreads();
#pragma unroll
    for (int k = 0; k < columns / 16; k++) {
#pragma unroll
        for (int strip = 0; strip < strips; strip++) {
            load_left<columns>(query[k][strip], shared + tile_bytes<1, columns> * (warp * warp_rows + strip * strip_rows), k);
        }
    }

    __syncthreads();
    const auto fetch = [&](int number) {
        const int first = tile.start + number * key_rows, live = tile.end - first;
        const shared_place stage = shared + number % 2 * stage_bytes;
        copy_rows<key_rows, columns, threads>(stage, live, [&](int row, int c) { return head.key_part(first + row, c); });
        copy_rows<key_rows, value, threads>(stage + key_bytes, live, [&](int row, int c) { return head.value(first + row) + c; });
        end_batch();
    };
    const float factor = head.shape.scale * log2_e;
    const int tiles = (tile.first + tile.rows - tile.start + key_rows - 1) / key_rows;
    float average[strips][value / 8][4] = {}, largest[strips][2], sum[strips][2] = {};
#pragma unroll
    for (int strip = 0; strip < strips; strip++) {
        largest[strip][0] = largest[strip][1] = -infinity();
    }

    fetch(0);
    for (int number = 0; number < tiles; number++) {
        // This tile has come for all threads, and nobody reads the one before any more.
        wait_for_batches<0>();
        __syncthreads();
        if (number + 1 < tiles) {
            fetch(number + 1);
        }

        const int first = tile.start + number * key_rows;
        if (first >= first_row + warp_rows) {
            continue;
        }

        const shared_place stage = shared + number % 2 * stage_bytes;
        float scores[strips][key_rows / 8][4] = {};
        multiply_rows<columns>(scores, stage, [&](int k, int strip, unsigned(&left)[4]) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                left[i] = query[k][strip][i];
            }
        });
#pragma unroll
        for (int strip = 0; strip < strips; strip++) {
            if (first + key_rows - 1 > first_row) {
#pragma unroll
                for (int n = 0; n < key_rows / 8; n++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        const int row = first_row + strip * strip_rows + lane / 4 + i / 2 * 8, key = first + 8 * n + lane % 4 * 2 + i % 2;
                        scores[strip][n][i] = key <= row ? scores[strip][n][i] : -infinity();
                    }
                }
            }

#pragma unroll
            for (int half = 0; half < 2; half++) {
                // A query sees the first key, so that its largest score is a number from the first tile on.
                float next = largest[strip][half];
#pragma unroll
                for (int n = 0; n < key_rows / 8; n++) {
                    next = fmaxf(next, fmaxf(scores[strip][n][2 * half], scores[strip][n][2 * half + 1]));
                }

                next = fmaxf(next, __shfl_xor_sync(all_lanes, next, 1));
                next = fmaxf(next, __shfl_xor_sync(all_lanes, next, 2));
                const float kept = power_of_two((largest[strip][half] - next) * factor), base = next * factor;
                float added = 0.0f;
#pragma unroll
                for (int n = 0; n < key_rows / 8; n++) {
#pragma unroll
                    for (int i = 2 * half; i < 2 * half + 2; i++) {
                        scores[strip][n][i] = power_of_two(fmaf(scores[strip][n][i], factor, -base));
                        added += scores[strip][n][i];
                    }
                }

                largest[strip][half] = next;
                sum[strip][half] = fmaf(sum[strip][half], kept, added);
#pragma unroll
                for (int n = 0; n < value / 8; n++) {
                    average[strip][n][2 * half] *= kept;
                    average[strip][n][2 * half + 1] *= kept;
                }
            }
        }

        multiply_columns<value>(average, stage + key_bytes, scores);
    }

#pragma unroll
    for (int strip = 0; strip < strips; strip++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float total = sum[strip][half];
            total += __shfl_xor_sync(all_lanes, total, 1);
            total += __shfl_xor_sync(all_lanes, total, 2);
            const long long row = first_row + strip * strip_rows + lane / 4 + half * 8;
            if (row >= tile.first + tile.rows) {
                continue;
            }

            const float inverse = 1.0f / total;
            bfloat16* output = o.data + row * o.stride + head.head * value + lane % 4 * 2;
#pragma unroll
            for (int n = 0; n < value / 8; n++) {
                store_pair(output + 8 * n, average[strip][n][2 * half] * inverse, average[strip][n][2 * half + 1] * inverse);
            }

            if (log_sum_exp.data != nullptr && lane % 4 == 0) {
                log_sum_exp.data[row * log_sum_exp.stride + head.head] = largest[strip][half] * head.shape.scale + logf(total);
            }
        }
    }
}

#define ATTENTION(name, nope, rope, value, warps, strips, blocks)                                                                                     \
    extern "C" __global__ void __launch_bounds__(32 * warps, blocks) attention_##name(                                                                \
        rows_of<const bfloat16> q, rows_of<const bfloat16> kv, rows_of<const bfloat16> k_rope, sequence_list sequences, attention_shape shape,        \
        rows_of<bfloat16> o, rows_of<float> log_sum_exp) {                                                                                            \
        attention<nope, rope, value, warps, strips>(                                                                                                  \
            {q, kv, k_rope, {shape.heads, nope, rope, value, shape.scale}, static_cast<int>(blockIdx.x)}, sequences, o, log_sum_exp);                 \
    }

ATTENTION(96_64, 64, 32, 64, 4, 2, 2)
ATTENTION(192_128, 128, 64, 128, 8, 1, 1)

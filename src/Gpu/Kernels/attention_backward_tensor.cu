// Gradients of attention by tensor cores for heads of two sizes, bfloat16. A block owns 64 queries or 64 keys of a head and passes over the other side in
// tiles, so that every sum has one order. Each side has wide rows (queries, keys) and narrow ones (gradients of outputs, values): scores are products
// of wide rows, gradients of probabilities products of narrow ones.
#include "tensor_tiles.cuh"

constexpr int warps = 4, threads = 32 * warps, strip_rows = 16, owned_rows = strip_rows * warps;
constexpr float log2_e = 1.4426950408889634f;

struct gradient_outputs {
    rows_of<bfloat16> dq, dkv;
    float* d_rope;  // (heads, rows, rope): each head's share of the shared keys' gradient
    int rows;
};

template <bool are_keys>
struct side {
    const head_inputs<bfloat16>& head;
    const gradient_inputs<bfloat16>& gradients;

    __device__ __forceinline__ const bfloat16* wide(long long row, int c) const {
        if constexpr (are_keys) {
            return head.key_part(row, c);
        } else {
            return head.query(row) + c;
        }
    }

    __device__ __forceinline__ const bfloat16* narrow(long long row, int c) const {
        if constexpr (are_keys) {
            return head.value(row) + c;
        } else {
            return gradients.d_o.data + row * gradients.d_o.stride + head.head * head.shape.value + c;
        }
    }

    template <int rows, int columns, int value>
    __device__ __forceinline__ void copy(shared_place to, int first, int live) const {
        copy_rows<rows, columns, threads>(to, live, [&](int row, int c) { return wide(first + row, c); });
        copy_rows<rows, value, threads>(to + tile_bytes<rows, columns>, live, [&](int row, int c) { return narrow(first + row, c); });
    }
};

// The logarithm and the product of outputs of queries, of which the own are in registers and the passed in shared memory.
struct query_numbers {
    float logarithm, product;
};

// is_kept: the own rows' operands stay in registers; else they are read from shared memory for each tile.
template <int nope, int rope, int value, int passed_rows, bool owns_keys, bool is_kept>
__device__ __forceinline__ void gradients(
    const head_inputs<bfloat16>& head, const gradient_inputs<bfloat16>& inputs, const sequence_list& sequences, const gradient_outputs& outputs) {
    constexpr int columns = nope + rope, count = passed_rows / 8;
    constexpr int own_wide = tile_bytes<owned_rows, columns>, own_bytes = own_wide + tile_bytes<owned_rows, value>;
    constexpr int passed_wide = tile_bytes<passed_rows, columns>, passed_bytes = passed_wide + tile_bytes<passed_rows, value>;
    constexpr int stage_bytes = passed_bytes + passed_rows * static_cast<int>(sizeof(query_numbers));
    static_assert(!is_kept || own_bytes <= 2 * stage_bytes);
    extern __shared__ pack<float> shared_packs[];
    const sequence_tile tile = find_tile(sequences, owns_keys ? blockIdx.y : gridDim.y - 1 - blockIdx.y, owned_rows);
    if (tile.rows == 0) {
        return;
    }

    const side<owns_keys> own = {head, inputs};
    const side<!owns_keys> passed = {head, inputs};
    constexpr int stages_at = is_kept ? 0 : own_bytes;
    const shared_place shared = place_of(shared_packs), stages = shared + stages_at;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first_row = tile.first + warp * strip_rows, heads = head.shape.heads;
    const shared_place own_strip = shared + tile_bytes<1, columns> * (warp * strip_rows);
    const shared_place own_narrow_strip = shared + own_wide + tile_bytes<1, value> * (warp * strip_rows);
    own.template copy<owned_rows, columns, value>(shared, tile.first, tile.rows);
    end_batch();
    [[maybe_unused]] unsigned wide[is_kept ? columns / 16 : 1][4], narrow[is_kept ? value / 16 : 1][4];
    if constexpr (is_kept) {
        wait_for_batches<0>();
        __syncthreads();
#pragma unroll
        for (int k = 0; k < columns / 16; k++) {
            load_left<columns>(wide[k], own_strip, k);
        }

#pragma unroll
        for (int k = 0; k < value / 16; k++) {
            load_left<value>(narrow[k], own_narrow_strip, k);
        }

        __syncthreads();
    }

    const auto fetch = [&](int number, int first) {
        const shared_place stage = stages + number % 2 * stage_bytes;
        passed.template copy<passed_rows, columns, value>(stage, first, tile.end - first);
        if (owns_keys && threadIdx.x < passed_rows) {
            const int row = first + threadIdx.x;
            const bool is_live = row < tile.end;
            const long long from = is_live ? row : tile.first;
            const shared_place to = stage + passed_bytes + threadIdx.x * sizeof(query_numbers);
            copy_4(to, inputs.log_sum_exp.data + from * inputs.log_sum_exp.stride + head.head, is_live);
            copy_4(to + sizeof(float), inputs.delta + from * heads + head.head, is_live);
        }

        end_batch();
    };

    query_numbers own_numbers[2] = {};
    if (!owns_keys) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const long long row = first_row + lane / 4 + half * 8;
            if (row < tile.end) {
                own_numbers[half] = {inputs.log_sum_exp.data[row * inputs.log_sum_exp.stride + head.head], inputs.delta[row * heads + head.head]};
            }
        }
    }

    const float factor = head.shape.scale * log2_e;
    const int begin = owns_keys ? tile.first : tile.start, end = owns_keys ? tile.end : tile.first + tile.rows;
    float wide_sums[1][columns / 8][4] = {};
    [[maybe_unused]] float narrow_sums[1][owns_keys ? value / 8 : 1][4] = {};
    fetch(0, begin);
    for (int number = 0, first = begin; first < end; number++, first += passed_rows) {
        // This tile has come for all threads, and nobody reads the one before any more.
        wait_for_batches<0>();
        __syncthreads();
        if (first + passed_rows < end) {
            fetch(number + 1, first + passed_rows);
        }

        // No query of this warp sees a key of the other side.
        if (owns_keys ? first + passed_rows <= first_row : first >= first_row + strip_rows) {
            continue;
        }

        const shared_place stage = stages + number % 2 * stage_bytes;
        const auto* numbers = reinterpret_cast<const query_numbers*>(
            reinterpret_cast<const char*>(shared_packs) + stages_at + number % 2 * stage_bytes + passed_bytes);
        float scores[1][count][4] = {}, products[1][count][4] = {};
        multiply_rows<columns>(scores, stage, [&](int k, int, unsigned(&left)[4]) {
            if constexpr (is_kept) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    left[i] = wide[k][i];
                }
            } else {
                load_left<columns>(left, own_strip, k);
            }
        });
        const bool is_masked = owns_keys ? first < first_row + strip_rows : first + passed_rows - 1 > first_row;
#pragma unroll
        for (int n = 0; n < count; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const int mine = first_row + lane / 4 + i / 2 * 8, other = first + 8 * n + lane % 4 * 2 + i % 2;
                const float logarithm = owns_keys ? numbers[8 * n + lane % 4 * 2 + i % 2].logarithm : own_numbers[i / 2].logarithm;
                const bool is_hidden = is_masked && (owns_keys ? mine > other : other > mine);
                scores[0][n][i] = is_hidden ? 0.0f : power_of_two(fmaf(scores[0][n][i], factor, -logarithm * log2_e));
            }
        }

        if constexpr (owns_keys) {
            multiply_columns<value>(narrow_sums, stage + passed_wide, scores);
        }

        multiply_rows<value>(products, stage + passed_wide, [&](int k, int, unsigned(&left)[4]) {
            if constexpr (is_kept) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    left[i] = narrow[k][i];
                }
            } else {
                load_left<value>(left, own_narrow_strip, k);
            }
        });
#pragma unroll
        for (int n = 0; n < count; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float product = owns_keys ? numbers[8 * n + lane % 4 * 2 + i % 2].product : own_numbers[i / 2].product;
                scores[0][n][i] *= products[0][n][i] - product;
            }
        }

        multiply_columns<columns>(wide_sums, stage, scores);
    }

#pragma unroll
    for (int half = 0; half < 2; half++) {
        const long long row = first_row + lane / 4 + half * 8;
        if (row >= tile.first + tile.rows) {
            continue;
        }

        const int c = lane % 4 * 2;
        bfloat16* const dkv = outputs.dkv.data + row * outputs.dkv.stride + head.head * (nope + value) + c;
#pragma unroll
        for (int n = 0; n < columns / 8; n++) {
            const float one = wide_sums[0][n][2 * half] * head.shape.scale, two = wide_sums[0][n][2 * half + 1] * head.shape.scale;
            if constexpr (!owns_keys) {
                store_pair(outputs.dq.data + row * outputs.dq.stride + head.head * columns + c + 8 * n, one, two);
            } else if (8 * n < nope) {
                store_pair(dkv + 8 * n, one, two);
            } else {
                float* const share = outputs.d_rope + (static_cast<long long>(head.head) * outputs.rows + row) * rope + 8 * n - nope + c;
                share[0] = one;
                share[1] = two;
            }
        }

        if constexpr (owns_keys) {
#pragma unroll
            for (int n = 0; n < value / 8; n++) {
                store_pair(dkv + nope + 8 * n, narrow_sums[0][n][2 * half], narrow_sums[0][n][2 * half + 1]);
            }
        }
    }
}

#define GRADIENTS(name, nope, rope, value, passed_rows, owns_keys, is_kept)                                                                           \
    extern "C" __global__ void __launch_bounds__(threads, 2) attention_##name(                                                                        \
        rows_of<const bfloat16> q, rows_of<const bfloat16> kv, rows_of<const bfloat16> k_rope, sequence_list sequences, attention_shape shape,        \
        gradient_inputs<bfloat16> inputs, gradient_outputs outputs) {                                                                                 \
        gradients<nope, rope, value, passed_rows, owns_keys, is_kept>(                                                                                \
            {q, kv, k_rope, {shape.heads, nope, rope, value, shape.scale}, static_cast<int>(blockIdx.x)}, inputs, sequences, outputs);                \
    }

GRADIENTS(dq_96_64, 64, 32, 64, 64, false, true)
GRADIENTS(dkv_96_64, 64, 32, 64, 64, true, true)
GRADIENTS(dq_192_128, 128, 64, 128, 32, false, false)
GRADIENTS(dkv_192_128, 128, 64, 128, 32, true, false)

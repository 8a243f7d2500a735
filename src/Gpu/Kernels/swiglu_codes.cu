// SwiGLU and its backward on the way from E4M3 to E4M3, in one pass. Numbers are rounded to the rows' type before they are quantized, as if they had been stored:
// results are, to the bit, those of swiglu.cu and quantize_tiles.cu one after the other. Rows begin and end at multiples of what a lane moves at once.
#include "row_team.cuh"
#include "swiglu.cuh"
#include "tile_loop.cuh"
#include "tile_team.cuh"
#include "units.cuh"

// Numbers as the rows' type has them.
template <typename T, int size>
__device__ __forceinline__ void round_as(float (&x)[size]) {
    if constexpr (sizeof(T) == sizeof(bfloat16)) {
#pragma unroll
        for (int i = 0; i < size; i += 2) {
            const unsigned pair = pair_of(x[i], x[i + 1]);
            x[i] = __uint_as_float(pair << 16);
            x[i + 1] = __uint_as_float(pair & 0xffff0000u);
        }
    }
}

template <typename T>
__device__ __forceinline__ void swiglu_codes(
    rows_of<const T> gate_up, rows_of<unsigned char> gate_up_codes, rows_of<float> gate_up_scales, rows_of<unsigned char> codes, rows_of<float> scales,
    row_count rows, int columns) {
    const tile_cuts cuts{columns, columns};
    const int tiles = cuts.count();
    float gates[lane_numbers], ups[lane_numbers];
    for_each_tile<team_lanes, 1>(rows, tiles, [&](const tile_number& at, int) {
        load_lane(at.in(gate_up, cuts.start(at.tile)), at.size(cuts), gates);
        load_lane(at.in(gate_up, columns + cuts.start(at.tile)), at.size(cuts), ups);
    }, [&](const tile_number& at, int) {
        const int start = cuts.start(at.tile), size = at.size(cuts);
        if (gate_up_codes.data != nullptr) {
            quantize_lane(gates, size, at.in(gate_up_codes, start), at.in(gate_up_scales, at.tile), false);
            quantize_lane(ups, size, at.in(gate_up_codes, columns + start), at.in(gate_up_scales, tiles + at.tile), false);
        }

        float activated[lane_numbers];
#pragma unroll
        for (int i = 0; i < lane_numbers; i++) {
            activated[i] = swiglu_of(gates[i], ups[i]);
        }

        round_as<T>(activated);
        quantize_lane(activated, size, at.in(codes, start), at.in(scales, at.tile), false);
    });
}

// The numbers of codes.
template <int size>
__device__ __forceinline__ void scaled_numbers_of(const unit_of_bytes<size>& unit, float scale, float (&x)[size]) {
#pragma unroll
    for (int word = 0; word < size / 4; word++) {
        float four[4];
        numbers_of(unit.word[word], four);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            x[4 * word + i] = four[i] * scale;
        }
    }
}

// Codes of a lane's numbers, and the scale of their tile, which the lanes of a warp have in order; all lanes of the warp call it.
template <int size>
__device__ __forceinline__ unit_of_bytes<size> codes_in_tile(const float (&x)[size], float& scale) {
    const unsigned magnitude = largest_magnitude<tile_elements / size>(x);

    const tile_divisor divisor = divisor_of(e4m3_scale_of(magnitude, false));
    unit_of_bytes<size> unit;
#pragma unroll
    for (int word = 0; word < size / 4; word++) {
        const float four[4] = {x[4 * word], x[4 * word + 1], x[4 * word + 2], x[4 * word + 3]};
        unit.word[word] = codes_of(four, divisor);
    }

    scale = divisor.scale;
    return unit;
}

// A thread has the columns that swiglu_backward_row gives it, so that the sum over the row is in the same order.
template <typename T, bool is_warp>
__device__ __forceinline__ void swiglu_backward_codes_row(
    rows_of<const unsigned char> gate_up, rows_of<const float> gate_up_scales, rows_of<T> dy, const float* weights, rows_of<T> d_gate_up,
    rows_of<unsigned char> codes, rows_of<float> scales, float* d_weights, row_count rows, int columns) {
    using numbers = pack<T>;
    constexpr int size = numbers::size, tile_lanes = tile_elements / size;
    using bytes = unit_of_bytes<size>;
    const row_team<is_warp> team{};
    const int r = team.row();
    if (r >= rows.get()) {
        return;
    }

    const int units = columns / size, tiles = tile_cuts::covering(columns), lane = threadIdx.x % 32;
    const float* from_scales = gate_up_scales.data + r * gate_up_scales.stride;
    float* to_scales = scales.data + r * scales.stride;
    const float weight = weights == nullptr ? 1.0f : weights[r];
    float sum = 0.0f;
    // The lanes of a warp go on together, since those of a tile have its scale in common: behind the row's end they have zeros.
    for (int first = team.rank() - lane; first < units; first += team.size()) {
        const int p = first + lane, tile = p / tile_lanes;
        const bool is_there = p < units;
        float gate[size] = {}, up[size] = {};
        if (is_there) {
            const bytes gate_codes = units_of<bytes>(gate_up, r)[p], up_codes = units_of<bytes>(gate_up, r)[p + units];
            const numbers gradients = units_of<numbers>(dy, r)[p];
            float gradient[size];
            scaled_numbers_of(gate_codes, from_scales[tile], gate);
            scaled_numbers_of(up_codes, from_scales[tile + tiles], up);
            round_as<T>(gate);
            round_as<T>(up);
            gradients.get(gradient);
#pragma unroll
            for (int i = 0; i < size; i++) {
                swiglu_backward_of(gate[i], up[i], gradient[i], weight, sum);
            }

            numbers d_gate, d_up, following;
            d_gate.set(gate);
            d_up.set(up);
            following.set(gradient);
            units_of<numbers>(d_gate_up, r)[p] = d_gate;
            units_of<numbers>(d_gate_up, r)[p + units] = d_up;
            units_of<numbers>(dy, r)[p] = following;
            d_gate.get(gate);
            d_up.get(up);
        }

        float gate_scale, up_scale;
        const bytes gate_codes = codes_in_tile(gate, gate_scale), up_codes = codes_in_tile(up, up_scale);
        if (is_there) {
            units_of<bytes>(codes, r)[p] = gate_codes;
            units_of<bytes>(codes, r)[p + units] = up_codes;
            if (p % tile_lanes == 0) {
                to_scales[tile] = gate_scale;
                to_scales[tile + tiles] = up_scale;
            }
        }
    }

    if (d_weights != nullptr) {
        const float total = team.sum(sum);
        if (team.rank() == 0) {
            d_weights[r] = total;
        }
    }
}

#define SWIGLU_CODES_KERNELS(name, T)                                                                                                        \
    extern "C" __global__ void swiglu_codes_##name(                                                                                          \
        rows_of<const T> gate_up, rows_of<unsigned char> gate_up_codes, rows_of<float> gate_up_scales, rows_of<unsigned char> codes,         \
        rows_of<float> scales, row_count rows, int columns) {                                                                                \
        swiglu_codes<T>(gate_up, gate_up_codes, gate_up_scales, codes, scales, rows, columns);                                               \
    }                                                                                                                                        \
    extern "C" __global__ void swiglu_backward_codes_##name(                                                                                 \
        rows_of<const unsigned char> gate_up, rows_of<const float> gate_up_scales, rows_of<T> dy, const float* weights,                      \
        rows_of<T> d_gate_up, rows_of<unsigned char> codes, rows_of<float> scales, float* d_weights, row_count rows, int columns,            \
        bool is_warp) {                                                                                                                      \
        if (is_warp) {                                                                                                                       \
            swiglu_backward_codes_row<T, true>(gate_up, gate_up_scales, dy, weights, d_gate_up, codes, scales, d_weights, rows, columns);    \
        } else {                                                                                                                             \
            swiglu_backward_codes_row<T, false>(gate_up, gate_up_scales, dy, weights, d_gate_up, codes, scales, d_weights, rows, columns);   \
        }                                                                                                                                    \
    }

SWIGLU_CODES_KERNELS(float32, float)
SWIGLU_CODES_KERNELS(bfloat16, bfloat16)

// Tiles of 128 numbers that eight neighbouring lanes have: each has eight neighbours of the tile's first half and eight of its second, so that what a tile takes beside
// its numbers, magnitude and scale, is shared by sixteen of a lane. Rows and tiles begin and end at multiples of eight.
#pragma once
#include "byte_units.cuh"
#include "tile_scale.cuh"

constexpr int team_lanes = 8, part_numbers = 8, lane_parts = tile_elements / team_lanes / part_numbers, lane_numbers = lane_parts * part_numbers;

// Where in the tile a part of the lane's numbers begins.
__device__ __forceinline__ int place_of_part(int part) {
    return (part * team_lanes + static_cast<int>(threadIdx.x % team_lanes)) * part_numbers;
}

// Zeros behind a tile's end.
template <typename T>
__device__ __forceinline__ void load_lane(const T* tile, int size, float (&x)[lane_numbers]) {
#pragma unroll
    for (int part = 0; part < lane_parts; part++) {
        float eight[part_numbers] = {};
        if (place_of_part(part) < size) {
            load_eight(tile + place_of_part(part), eight);
        }

#pragma unroll
        for (int i = 0; i < part_numbers; i++) {
            x[part * part_numbers + i] = eight[i];
        }
    }
}

// Stores codes and scale of a tile's numbers; all lanes of the warp call it.
__device__ __forceinline__ void quantize_lane(const float (&x)[lane_numbers], int size, unsigned char* codes, float* scale, bool is_power_of_two) {
    const unsigned magnitude = largest_magnitude<team_lanes>(x);

    const tile_divisor divisor = divisor_of(e4m3_scale_of(magnitude, is_power_of_two));
#pragma unroll
    for (int part = 0; part < lane_parts; part++) {
        const float* eight = x + part * part_numbers;
        if (place_of_part(part) < size) {
            const float low[4] = {eight[0], eight[1], eight[2], eight[3]}, high[4] = {eight[4], eight[5], eight[6], eight[7]};
            *reinterpret_cast<unit_of_bytes<part_numbers>*>(codes + place_of_part(part)) = {{codes_of(low, divisor), codes_of(high, divisor)}};
        }
    }

    if (threadIdx.x % team_lanes == 0 && size > 0) {
        *scale = divisor.scale;
    }
}

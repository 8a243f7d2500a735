// sum = ((part 0 + part 1) + part 2) + ... of float32 numbers that lie one after the other, some parts in the memory of other GPUs; sum may be any of the parts.
#include "rank_rows.cuh"
#include "units.cuh"

// Parts, and units of each, that a thread has on their way at once: another GPU's memory answers late.
constexpr int part_batch = 4, part_depth = 2;

template <typename U>
__device__ __forceinline__ void sum_tensor_units(const rank_rows<const float>& parts, int count, float* sum, long long units) {
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x * part_depth;
    for (long long first = static_cast<long long>(blockIdx.x) * blockDim.x * part_depth + threadIdx.x; first < units; first += step) {
        float total[part_depth][U::size] = {};
        for (int p = 0; p < count; p += part_batch) {
            U unit[part_batch][part_depth];
#pragma unroll
            for (int i = 0; i < part_batch; i++) {
                if (p + i < count) {
                    const U* from = reinterpret_cast<const U*>(parts.rank[p + i].data);
#pragma unroll
                    for (int k = 0; k < part_depth; k++) {
                        if (first + k * static_cast<int>(blockDim.x) < units) {
                            unit[i][k] = from[first + k * static_cast<int>(blockDim.x)];
                        }
                    }
                }
            }

#pragma unroll
            for (int i = 0; i < part_batch; i++) {
                if (p + i < count) {
#pragma unroll
                    for (int k = 0; k < part_depth; k++) {
                        if (first + k * static_cast<int>(blockDim.x) < units) {
                            float term[U::size];
                            unit[i][k].get(term);
#pragma unroll
                            for (int e = 0; e < U::size; e++) {
                                total[k][e] = p + i == 0 ? term[e] : total[k][e] + term[e];
                            }
                        }
                    }
                }
            }
        }

#pragma unroll
        for (int k = 0; k < part_depth; k++) {
            if (first + k * static_cast<int>(blockDim.x) < units) {
                U result;
                result.set(total[k]);
                reinterpret_cast<U*>(sum)[first + k * static_cast<int>(blockDim.x)] = result;
            }
        }
    }
}

extern "C" __global__ void sum_tensors(
    const __grid_constant__ rank_rows<const float> parts, int count, float* sum, long long units, bool is_packed) {
    if (is_packed) {
        sum_tensor_units<pack<float>>(parts, count, sum, units);
    } else {
        sum_tensor_units<single<float>>(parts, count, sum, units);
    }
}

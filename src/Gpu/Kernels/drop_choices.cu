// Takes the choices of tokens back where kept is negative: expert -1, weight 0. A thread has a choice at a time.
#include "scalars.cuh"

extern "C" __global__ void drop_choices(const int* kept, rows_of<int> experts, rows_of<float> weights, int tokens, int choices) {
    const long long end = static_cast<long long>(tokens) * choices, step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < end; i += step) {
        const long long t = i / choices;
        if (kept[t] < 0) {
            experts.data[t * experts.stride + (i - t * choices)] = -1;
            weights.data[t * weights.stride + (i - t * choices)] = 0.0f;
        }
    }
}

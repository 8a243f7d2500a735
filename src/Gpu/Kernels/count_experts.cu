// counts[e] += how often e was chosen. Sums of integers have no order.
extern "C" __global__ void count_experts(const int* experts, long long stride, int tokens, int choices, int local, int* counts) {
    extern __shared__ int seen[];
    for (int e = threadIdx.x; e < local; e += blockDim.x) {
        seen[e] = 0;
    }

    __syncthreads();
    const int end = tokens * choices;
    for (int slot = blockIdx.x * blockDim.x + threadIdx.x; slot < end; slot += gridDim.x * blockDim.x) {
        const int row = slot / choices;
        const int expert = experts[row * stride + (slot - row * choices)];
        if (expert >= 0) {
            atomicAdd(seen + expert, 1);
        }
    }

    __syncthreads();
    for (int e = threadIdx.x; e < local; e += blockDim.x) {
        if (seen[e] > 0) {
            atomicAdd(counts + e, seen[e]);
        }
    }
}

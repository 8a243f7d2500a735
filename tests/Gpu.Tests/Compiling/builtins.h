// What NVRTC defines by itself, as far as the kernels use it: with it clang checks their C++ where there is no CUDA.
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __grid_constant__
#define __cluster_dims__(...)

struct three {
    unsigned x, y, z;
};

extern __device__ const three threadIdx, blockIdx, blockDim, gridDim;

struct uint4 {
    unsigned x, y, z, w;
};

__device__ void __syncthreads();
__device__ void __threadfence();
__device__ void __syncwarp(unsigned mask = 0xffffffffu);
__device__ int __shfl_sync(unsigned mask, int value, int lane, int width = 32);
__device__ int __shfl_up_sync(unsigned mask, int value, unsigned distance, int width = 32);
__device__ int __any_sync(unsigned mask, int is_true);
__device__ unsigned __match_any_sync(unsigned mask, int value);
__device__ int __popc(unsigned bits);
__device__ int atomicAdd(int* address, int value);
__device__ unsigned long long atomicAdd(unsigned long long* address, unsigned long long value);
__device__ unsigned long long __shfl_up_sync(unsigned mask, unsigned long long value, unsigned distance, int width = 32);
__device__ double exp(double x);
__device__ int atomicMax(int* address, int value);
__device__ int min(int a, int b);
__device__ float fmaf(float x, float y, float z);
__device__ int __syncthreads_count(int is_counted);
__device__ unsigned long long __cvta_generic_to_shared(const void* pointer);
__device__ float __shfl_xor_sync(unsigned mask, float value, int lane, int width = 32);
__device__ float __uint_as_float(unsigned bits);
__device__ float __int_as_float(int bits);
__device__ float expf(float x);
__device__ float sqrtf(float x);
__device__ bool isinf(float x);
__device__ int min(int x, int y);
__device__ int max(int x, int y);
__device__ float fmaxf(float x, float y);
__device__ float logf(float x);
__device__ float fabsf(float x);
__device__ float fminf(float x, float y);
__device__ int max(int x, int y);
__device__ unsigned max(unsigned x, unsigned y);
__device__ unsigned min(unsigned x, unsigned y);
__device__ unsigned long long max(unsigned long long x, unsigned long long y);
__device__ unsigned __float_as_uint(float x);
__device__ unsigned __ballot_sync(unsigned mask, bool predicate);
__device__ unsigned __reduce_max_sync(unsigned mask, unsigned value);
__device__ unsigned long long __shfl_xor_sync(unsigned mask, unsigned long long value, int lane, int width = 32);
__device__ float __shfl_sync(unsigned mask, float value, int lane, int width = 32);
__device__ unsigned __shfl_sync(unsigned mask, unsigned value, int lane, int width = 32);
__device__ unsigned __shfl_xor_sync(unsigned mask, unsigned value, int lane, int width = 32);
__device__ int __ffs(int x);
__device__ unsigned long long __cvta_generic_to_shared(const void* pointer);
__device__ unsigned __reduce_or_sync(unsigned mask, unsigned value);
__device__ int __ffsll(long long x);
__device__ int __popcll(unsigned long long bits);

// result = [addend +] the sum of matrices that lie one after the other, from the first to the last: the parts of a product that was split over its rows.
#include "elements.cuh"

extern "C" __global__ void sum_splits_float32(
    const float* parts, int splits, rows_of<float> result, rows_of<const float> addend, int rows, int columns) {
    const long long count = static_cast<long long>(rows) * columns;
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
        float sum = parts[i];
        for (int split = 1; split < splits; split++) {
            sum += parts[split * count + i];
        }

        const long long row = i / columns, column = i % columns;
        result.data[row * result.stride + column] = addend.data == nullptr ? sum : addend.data[row * addend.stride + column] + sum;
    }
}

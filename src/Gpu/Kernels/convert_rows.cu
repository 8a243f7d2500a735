// Rows of float32 stored as bfloat16, rounded to nearest even, and back: rows of one type to rows of the other.
#include "row_threads.cuh"
#include "scalars.cuh"

template <typename From, typename To>
__device__ __forceinline__ void convert_rows(rows_of<const From> x, rows_of<To> y, int rows, int columns, int shift) {
    const row_threads share(shift);
    for (long long r = share.first_row; r < rows; r += share.row_step) {
        for (int c = share.lane; c < columns; c += share.lanes) {
            store(y.data + r * y.stride + c, load(x.data + r * x.stride + c));
        }
    }
}

extern "C" __global__ void convert_rows_to_bfloat16(rows_of<const float> x, rows_of<bfloat16> y, int rows, int columns, int shift) {
    convert_rows<float, bfloat16>(x, y, rows, columns, shift);
}

extern "C" __global__ void convert_rows_to_float32(rows_of<const bfloat16> x, rows_of<float> y, int rows, int columns, int shift) {
    convert_rows<bfloat16, float>(x, y, rows, columns, shift);
}

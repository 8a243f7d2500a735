// y[t] = table[ids[t]], and d_table[ids[t]] += dy[t] in the order of tokens.
#include "units.cuh"

template <typename T, typename U>
__device__ __forceinline__ void embed_units(const int* ids, rows_of<const float> table, rows_of<T> y, row_count rows, int columns) {
    float held[unit_depth][U::size];
    for_each_unit(
        rows, columns / U::size, [&](long long t, int p, int k) { get_floats(table.data + ids[t] * table.stride + p * U::size, held[k]); },
        [&](long long t, int p, int k) {
            U result;
            result.set(held[k]);
            units_of<U>(y, t)[p] = result;
        });
}

template <typename T>
__device__ __forceinline__ void embed(const int* ids, rows_of<const float> table, rows_of<T> y, row_count rows, int columns, bool is_packed) {
    if (is_packed) {
        embed_units<T, pack<T>>(ids, table, y, rows, columns);
    } else {
        embed_units<T, single<T>>(ids, table, y, rows, columns);
    }
}

extern "C" __global__ void embed_float32(const int* ids, rows_of<const float> table, rows_of<float> y, row_count rows, int columns, bool is_packed) {
    embed<float>(ids, table, y, rows, columns, is_packed);
}

extern "C" __global__ void embed_bfloat16(const int* ids, rows_of<const float> table, rows_of<bfloat16> y, row_count rows, int columns, bool is_packed) {
    embed<bfloat16>(ids, table, y, rows, columns, is_packed);
}

// Copies and zeroes rows of any element type, by the largest unit of bytes that divides addresses, strides and the row.
#include "units.cuh"

template <int bytes>
struct alignas(bytes) unit_of_bytes {
    static constexpr int words = bytes >= 4 ? bytes / 4 : 1;
    unsigned word[words];
};

template <>
struct unit_of_bytes<2> {
    unsigned short word[1];
};

template <>
struct unit_of_bytes<1> {
    unsigned char word[1];
};

template <int bytes>
__device__ __forceinline__ void copy_units(rows_of<const char> from, rows_of<char> to, row_count rows, long long row_bytes) {
    using U = unit_of_bytes<bytes>;
    U held[unit_depth];
    for_each_unit(
        rows, static_cast<int>(row_bytes / bytes), [&](long long r, int p, int k) { held[k] = units_of<U>(from, r)[p]; },
        [&](long long r, int p, int k) { units_of<U>(to, r)[p] = held[k]; });
}

template <int bytes>
__device__ __forceinline__ void zero_units(rows_of<char> to, row_count rows, long long row_bytes) {
    using U = unit_of_bytes<bytes>;
    for_each_unit(
        rows, static_cast<int>(row_bytes / bytes), [](long long, int, int) {}, [&](long long r, int p, int) { units_of<U>(to, r)[p] = U{}; });
}

extern "C" __global__ void copy_rows(rows_of<const char> from, rows_of<char> to, row_count rows, long long row_bytes, int unit) {
    switch (unit) {
    case 16: copy_units<16>(from, to, rows, row_bytes); break;
    case 8: copy_units<8>(from, to, rows, row_bytes); break;
    case 4: copy_units<4>(from, to, rows, row_bytes); break;
    case 2: copy_units<2>(from, to, rows, row_bytes); break;
    default: copy_units<1>(from, to, rows, row_bytes); break;
    }
}

extern "C" __global__ void zero_rows(rows_of<char> to, row_count rows, long long row_bytes, int unit) {
    switch (unit) {
    case 16: zero_units<16>(to, rows, row_bytes); break;
    case 8: zero_units<8>(to, rows, row_bytes); break;
    case 4: zero_units<4>(to, rows, row_bytes); break;
    case 2: zero_units<2>(to, rows, row_bytes); break;
    default: zero_units<1>(to, rows, row_bytes); break;
    }
}

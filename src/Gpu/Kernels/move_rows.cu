// y[to[i]] = x[from[i]], rows of any element type, by the largest unit of bytes that divides addresses, strides and the row. Without `from` or `to` rows are
// taken or written one after the other; to a row below 0 nothing is moved, a row from below 0 is zeros, and so is no x. Strides are bytes.
#include "byte_units.cuh"
#include "row_threads.cuh"
#include "units.cuh"

struct row_moves {
    rows_of<const char> x;
    rows_of<char> y;
    const int *from, *to;
    long long row_bytes;
    row_count rows;
    int piece_units, shift;
};

// Blocks of one y move a piece of all rows, and the next ones the next: where rows are taken several times, a piece of all of x is in the L2 cache meanwhile.
template <int bytes>
__device__ __forceinline__ void move_units(const row_moves& moves) {
    using U = unit_of_bytes<bytes>;
    const row_threads share(moves.shift);
    const int units = static_cast<int>(moves.row_bytes / bytes), rows = moves.rows.get();
    const int first = static_cast<int>(blockIdx.y) * moves.piece_units, end = min(first + moves.piece_units, units);
    for (long long i = share.first_row; i < rows; i += share.row_step) {
        const long long source = moves.x.data == nullptr ? -1 : moves.from == nullptr ? i : moves.from[i];
        const long long target = moves.to == nullptr ? i : moves.to[i];
        if (target < 0) {
            continue;
        }

        const U* input = reinterpret_cast<const U*>(moves.x.data + source * moves.x.stride);
        U* output = reinterpret_cast<U*>(moves.y.data + target * moves.y.stride);
        U unit[unit_depth];
        for_each_unit_of_row(
            first + share.lane, end, share.lanes, [&](int u, int k) { unit[k] = source < 0 ? U{} : load_unit(input + u); },
            [&](int u, int k) { store_unit(output + u, unit[k]); });
    }
}

extern "C" __global__ void move_rows(
    rows_of<const char> x, const int* from, const int* to, rows_of<char> y, row_count rows, long long row_bytes, int unit, int piece_units, int shift) {
    const row_moves moves = {x, y, from, to, row_bytes, rows, piece_units, shift};
    switch (unit) {
    case 16: move_units<16>(moves); break;
    case 8: move_units<8>(moves); break;
    case 4: move_units<4>(moves); break;
    case 2: move_units<2>(moves); break;
    default: move_units<1>(moves); break;
    }
}

// What decoding does between a token's down projection and attention: its queries from the norm of the compressed one, rotated as they are stored, and key and
// latent to the cache. The first blocks have a row each to append, the others the queries' columns, of which a warp has a pair.
#include "append_rows.cuh"
#include "linear_few.cuh"

// A pair of a query's columns. Both are rounded before they are rotated, as where one operation follows the other.
struct query_output {
    static constexpr int width = 2;
    const appended_rows& rows;
    float cosine, sine;

    // Which pair of the tables a column is rotated by; below 0: none.
    __device__ __forceinline__ int pair_of_column(int column) const {
        const int in_head = column % rows.head_columns, first = rows.head_columns - 2 * rows.pairs;
        return in_head < first ? -1 : (in_head - first) / 2;
    }

    __device__ __forceinline__ void bring(int row, int column) {
        const int pair = pair_of_column(column);
        if (pair >= 0) {
            const long long position = rows.positions[row];
            cosine = rows.cos.data[position * rows.cos.stride + pair];
            sine = rows.sin.data[position * rows.sin.stride + pair];
        }
    }

    __device__ __forceinline__ void store(int row, int column, const float (&sums)[2]) {
        bfloat16* const to = rows.query.data + row * rows.query.stride + column;
        const unsigned both = pair_of(sums[0], sums[1]);
        if (pair_of_column(column) < 0) {
            *reinterpret_cast<unsigned*>(to) = both;
        } else {
            store_rotated(to, __uint_as_float(both << 16), __uint_as_float(both & 0xffff0000u), cosine, sine);
        }
    }
};

template <int most_rows>
__device__ __forceinline__ void append_projected(const few_product& product, const appended_rows& rows) {
    const int block = static_cast<int>(blockIdx.x) - product.rows;
    if (block < 0) {
        append_row(rows, blockIdx.x);
    } else {
        linear_few<most_rows>(product, {block, static_cast<int>(gridDim.x) - product.rows}, query_output{rows, 0.0f, 0.0f});
    }
}

extern "C" __global__ void __launch_bounds__(few_threads) append_projected_1(few_product product, appended_rows rows) {
    append_projected<1>(product, rows);
}

extern "C" __global__ void __launch_bounds__(few_threads) append_projected_8(few_product product, appended_rows rows) {
    append_projected<8>(product, rows);
}

// Products of bfloat16, sums in float32, as far as they do not depend on how tensor cores are fed. Every element is one chain over the sum in its order,
// 16 at a time, whatever tile computes it.
#pragma once
#include "async_copy.cuh"
#include "product.cuh"
#include "scalars.cuh"

// Shared memory begins where the shuffle of packs repeats.
struct alignas(1024) shared_block {
    pack<bfloat16> packs[64];
};

extern __shared__ shared_block shared_blocks[];

// Warps each compute warp_rows x warp_columns of tile_rows x tile_columns; a stage is depth of the sum.
template <int tile_rows, int tile_columns, int stage_depth, int warp_rows, int warp_columns, int stage_count>
struct tensor_tiles {
    static constexpr int rows = tile_rows, columns = tile_columns, depth = stage_depth, stages = stage_count;
    static constexpr int warp_row_parts = warp_rows / 16, warp_column_parts = warp_columns / 8;
    static constexpr int warps_beside = tile_columns / warp_columns, threads = tile_rows / warp_rows * warps_beside * 32;
    static constexpr int a_packs = tile_rows * stage_depth / 8, b_packs = tile_columns * stage_depth / 8, stage_packs = a_packs + b_packs;
    static_assert(warp_column_parts % 2 == 0, "two parts of a right operand are loaded at once");
};

template <typename tiles>
using tensor_sums = float[tiles::warp_row_parts][tiles::warp_column_parts][4];

// An operand in shared memory is lines of packs: a line a row where rows lie along the sum, else a line a depth. The first 8 packs of all lines come first,
// then the next 8. Of a line's 8 packs the places are shuffled, so that neither a warp's copies nor the eight rows of a matrix, which are packs of eight
// lines, meet in a bank; so tensor cores that read shared memory themselves expect it (128-byte swizzle).
template <int lines>
__device__ __forceinline__ int pack_at(int line, int p) {
    return p / 8 * (8 * lines) + line * 8 + (p % 8 ^ (line & 7));
}

// Up to 8 elements that begin anywhere; zeros after them.
__device__ __forceinline__ pack<bfloat16> read_elements(const bfloat16* from, int count) {
    pack<bfloat16> result;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const unsigned low = 2 * i < count ? from[2 * i].bits : 0u, high = 2 * i + 1 < count ? from[2 * i + 1].bits : 0u;
        result.words[i] = low | high << 16;
    }

    return result;
}

// Rows row.. up to row_end of an operand at depths k.. up to k_end; zeros beyond. Aligned: it begins at a multiple of 16 bytes, and so do its rows.
template <lie how, int tile, int depth, int threads, bool is_aligned>
__device__ __forceinline__ void copy_operand(
    pack<bfloat16>* shared, const bfloat16* data, long long stride, int row, int row_end, int k, int k_end) {
    constexpr int line_packs = (how == lie::along ? depth : tile) / 8, lines = how == lie::along ? tile : depth;
    static_assert(lines * line_packs % threads == 0 && threads % line_packs == 0, "every thread copies as much");
    const int first_line = how == lie::along ? row : k, line_end = how == lie::along ? row_end : k_end;
    const int p = threadIdx.x % line_packs;
    const int first = (how == lie::along ? k : row) + 8 * p, left = (how == lie::along ? k_end : row_end) - first;
    const int count = left < 0 ? 0 : left < 8 ? left : 8;
#pragma unroll
    for (int i = 0; i < lines * line_packs / threads; i++) {
        const int line = threadIdx.x / line_packs + i * (threads / line_packs);
        const int there = first_line + line < line_end ? count : 0;
        const bfloat16* from = there == 0 ? data : data + static_cast<long long>(first_line + line) * stride + first;
        if constexpr (is_aligned) {
            copy_16(place_of(shared + pack_at<lines>(line, p)), from, 2 * there);
        } else {
            shared[pack_at<lines>(line, p)] = read_elements(from, there);
        }
    }
}

// Copies the operands' next stage; every call ends a batch, also one that has nothing left to copy.
template <typename tiles, lie a_lies, lie b_lies, bool is_aligned>
struct stage_copies {
    const bfloat16* a;
    long long a_stride;
    int row, row_end;
    const bfloat16* b;
    long long b_stride;
    int column, column_end, k, k_end;

    __device__ __forceinline__ int steps() const {
        return (k_end - k + tiles::depth - 1) / tiles::depth;
    }

    __device__ __forceinline__ static pack<bfloat16>* stage(int step) {
        return shared_blocks[0].packs + step % tiles::stages * tiles::stage_packs;
    }

    __device__ __forceinline__ void copy(int step) const {
        if (step < steps()) {
            const int first = k + step * tiles::depth;
            copy_operand<a_lies, tiles::rows, tiles::depth, tiles::threads, is_aligned>(stage(step), a, a_stride, row, row_end, first, k_end);
            copy_operand<b_lies, tiles::columns, tiles::depth, tiles::threads, is_aligned>(
                stage(step) + tiles::a_packs, b, b_stride, column, column_end, first, k_end);
        }

        end_batch();
    }
};

// Four neighbours of a row.
template <typename T>
struct alignas(4 * sizeof(T)) four {
    T elements[4];
};

// Offsets from the places that are loaded here are constants, and nothing of it is computed before it is needed: sums that a group of warps keeps leave few
// registers.
__device__ __forceinline__ int lane_of_warp() {
    int lane;
    asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));
    return lane & 31;
}

// One of two numbers, not of two places: what is chosen by place is kept in memory.
template <typename T>
__device__ __forceinline__ T select(bool is_first, T first, T second) {
    return is_first ? first : second;
}

// Of two neighbouring lanes each takes four columns of one row: the even one the upper row's, the odd one the lower's.
__device__ __forceinline__ void exchange_rows(const float (&mine)[4], bool is_odd, float (&numbers)[4]) {
    const float sent_0 = select(is_odd, mine[0], mine[2]), sent_1 = select(is_odd, mine[1], mine[3]);
    const float other_0 = __shfl_xor_sync(all_lanes, sent_0, 1), other_1 = __shfl_xor_sync(all_lanes, sent_1, 1);
    numbers[0] = select(is_odd, other_0, mine[0]);
    numbers[1] = select(is_odd, other_1, mine[1]);
    numbers[2] = select(is_odd, mine[2], other_0);
    numbers[3] = select(is_odd, mine[3], other_1);
}

// to = [from +] a warp's sums, parts of 8 columns; at whole packs of four, of which left tells how many columns follow the first.
template <bool adds, int parts, typename T>
__device__ __forceinline__ void store_fours(const float (&sums)[parts][4], T* to, const T* from, int left, bool is_odd) {
    constexpr int batch = adds && parts > 8 ? 8 : parts;
#pragma unroll
    for (int first = 0; first < parts; first += batch) {
        // Loads of a batch are on their way at once.
        four<T> loaded[batch];
        if constexpr (adds) {
#pragma unroll
            for (int j = 0; j < batch; j++) {
                if (left >= 8 * (first + j) + 4) {
                    loaded[j] = *reinterpret_cast<const four<T>*>(from + 8 * (first + j));
                }
            }
        }

#pragma unroll
        for (int j = 0; j < batch; j++) {
            float numbers[4];
            exchange_rows(sums[first + j], is_odd, numbers);
            four<T> stored;
#pragma unroll
            for (int e = 0; e < 4; e++) {
                store(&stored.elements[e], adds ? load(&loaded[j].elements[e]) + numbers[e] : numbers[e]);
            }

            if (left >= 8 * (first + j) + 4) {
                *reinterpret_cast<four<T>*>(to + 8 * (first + j)) = stored;
            }
        }
    }
}

// The same element by element, wherever they are.
template <int parts, typename T>
__device__ __forceinline__ void store_elements(const float (&sums)[parts][4], T* to, const T* from, int left, bool is_odd) {
#pragma unroll
    for (int j = 0; j < parts; j++) {
        float numbers[4];
        exchange_rows(sums[j], is_odd, numbers);
#pragma unroll
        for (int e = 0; e < 4; e++) {
            if (8 * j + e < left) {
                store(to + 8 * j + e, from != nullptr ? load(from + 8 * j + e) + numbers[e] : numbers[e]);
            }
        }
    }
}

// result = [addend +] a warp's sums of 16 rows; result and addend point to the group's first row.
template <int parts, typename T>
__device__ __forceinline__ void store_rows(
    const float (&sums)[parts][4], T* result, long long result_stride, const T* addend, long long addend_stride, int row, int row_end, int column,
    int column_end) {
    const int lane = lane_of_warp();
    const bool is_odd = lane % 2 == 1;
    const int r = row + lane / 4 + (is_odd ? 8 : 0), c = column + lane % 4 / 2 * 4, left = r < row_end ? column_end - c : 0;
    T* to = result + r * result_stride + c;
    const T* from = addend == nullptr ? nullptr : addend + r * addend_stride + c;
    const bool is_packed = (reinterpret_cast<unsigned long long>(result) | reinterpret_cast<unsigned long long>(addend)) % (4 * sizeof(T)) == 0
        && (result_stride | addend_stride | column_end) % 4 == 0;
    if (!is_packed) {
        store_elements(sums, to, from, left, is_odd);
    } else if (addend != nullptr) {
        store_fours<true>(sums, to, from, left, is_odd);
    } else {
        store_fours<false>(sums, to, from, left, is_odd);
    }
}

// result = a warp's sums of 16 rows, where rows and columns are whole packs. Four lanes that have 2 columns of a part each exchange them, so that each has all
// 8 of one of four parts: together they store 64 bytes of a row.
template <int parts>
__device__ __forceinline__ void store_packs(
    const float (&sums)[parts][4], bfloat16* result, long long stride, int row, int row_end, int column, int column_end) {
    const int lane = lane_of_warp();
    const bool is_odd = lane % 2 == 1, is_high = lane % 4 >= 2;
    const int c = column + lane % 4 * 8;
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int r = row + lane / 4 + 8 * half, left = r < row_end ? column_end - c : 0;
        bfloat16* to = result + r * stride + c;
#pragma unroll
        for (int first = 0; first < parts; first += 4) {
            unsigned words[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                words[j] = pair_of(sums[first + j][2 * half], sums[first + j][2 * half + 1]);
            }

            // Lane by lane, the words are a 4 x 4 matrix, which is transposed.
#pragma unroll
            for (int j = 0; j < 4; j += 2) {
                const unsigned other = __shfl_xor_sync(all_lanes, select(is_odd, words[j], words[j + 1]), 1);
                words[j] = select(is_odd, other, words[j]);
                words[j + 1] = select(is_odd, words[j + 1], other);
            }

#pragma unroll
            for (int j = 0; j < 2; j++) {
                const unsigned other = __shfl_xor_sync(all_lanes, select(is_high, words[j], words[j + 2]), 2);
                words[j] = select(is_high, other, words[j]);
                words[j + 2] = select(is_high, words[j + 2], other);
            }

            if (left > 8 * first) {
                *reinterpret_cast<pack<bfloat16>*>(to + 8 * first) = pack<bfloat16>{{words[0], words[1], words[2], words[3]}};
            }
        }
    }
}

// result = [addend +] sums; both point to the group's first row.
template <typename tiles, typename T>
__device__ __forceinline__ void store_tile(
    const tensor_sums<tiles>& sums, T* result, long long result_stride, const T* addend, long long addend_stride, int row, int row_end, int column,
    int column_end) {
    const int warp = threadIdx.x / 32;
#pragma unroll
    for (int i = 0; i < tiles::warp_row_parts; i++) {
        store_rows(
            sums[i], result, result_stride, addend, addend_stride, row + (warp / tiles::warps_beside * tiles::warp_row_parts + i) * 16, row_end,
            column + warp % tiles::warps_beside * tiles::warp_column_parts * 8, column_end);
    }
}

template <typename tiles, typename T>
__device__ __forceinline__ void store_group(const product& p, const tensor_sums<tiles>& sums, long long matrix, const tile_place& at, int row_end) {
    T* result = static_cast<T*>(p.result.data) + matrix * p.result.stride;
    const T* addend = p.addend.data == nullptr ? nullptr : static_cast<const T*>(p.addend.data) + matrix * p.addend.stride;
    store_tile<tiles, T>(sums, result, p.result.stride, addend, p.addend.stride, at.row, row_end, at.column, p.columns);
}

// y = [addend +] x W^T or dx = [addend +] dy W, grouped by rows of the result. The matrices of b are one after the other.
template <typename tiles, typename cores, lie b_lies>
__device__ __forceinline__ void product_of_rows(const product& p) {
    tile_place at;
    if (!find_row_tile<tiles::rows, tiles::columns>(p, at)) {
        return;
    }

    const bfloat16* b = static_cast<const bfloat16*>(p.b.data) + static_cast<long long>(at.group) * (b_lies == lie::along ? p.columns : p.depth) * p.b.stride;
    tensor_sums<tiles> sums = {};
    cores::sum(
        stage_copies<tiles, lie::along, b_lies, cores::is_aligned>{
            static_cast<const bfloat16*>(p.a.data), p.a.stride, at.row, at.end, b, p.b.stride, at.column, p.columns, 0, p.depth},
        sums);
    if (p.result_is_float) {
        store_group<tiles, float>(p, sums, 0, at, at.end);
    } else {
        store_group<tiles, bfloat16>(p, sums, 0, at, at.end);
    }
}

// dW = [addend +] dy^T x in float32, grouped by what is summed over. The matrices of result and addend are one after the other; those of a split follow
// those of the split before it.
template <typename tiles, typename cores>
__device__ __forceinline__ void product_over_rows(const product& p) {
    tile_place at;
    find_sum_tile<tiles::rows, tiles::columns, tiles::depth>(p, at);
    tensor_sums<tiles> sums = {};
    cores::sum(
        stage_copies<tiles, lie::across, lie::across, cores::is_aligned>{
            static_cast<const bfloat16*>(p.a.data), p.a.stride, at.row, p.rows, static_cast<const bfloat16*>(p.b.data), p.b.stride, at.column, p.columns,
            at.begin, at.end},
        sums);
    store_group<tiles, float>(p, sums, (static_cast<long long>(blockIdx.y) * p.groups + at.group) * p.rows, at, p.rows);
}

#define KERNEL(name, tiles, blocks, computes)                                                                            \
    extern "C" __global__ void __launch_bounds__(tiles::threads, blocks) name##_bfloat16(product p) {                     \
        computes(p);                                                                                                     \
    }

#define PRODUCTS(name, tiles, blocks, ...)                                                                                \
    KERNEL(linear_##name, tiles, blocks, (product_of_rows<tiles, __VA_ARGS__, lie::along>))                                \
    KERNEL(linear_backward_input_##name, tiles, blocks, (product_of_rows<tiles, __VA_ARGS__, lie::across>))

#define WEIGHT_PRODUCTS(name, tiles, blocks, ...) KERNEL(linear_backward_weight_##name, tiles, blocks, (product_over_rows<tiles, __VA_ARGS__>))

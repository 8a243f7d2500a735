// d_table[ids[t]] += dy[t] without atomics: tokens are ordered by id, then tiles of that order are summed, whatever ids are frequent.
#include "units.cuh"

// Tokens of a block that orders them, and threads that share the count of each. Mirrors EmbedKernels.
constexpr int ordered_tokens = 32, ordering_threads = 32;

// Places of the order that one thread sums. Mirrors EmbedKernels.
constexpr int tile_places = 32;

// Rows that a thread has on their way at once.
constexpr int rows_ahead = 8;

struct alignas(16) four_ids {
    int ids[4];
};

// How many of the ids from one place to another are below a limit. All of a warp read the same ones.
__device__ __forceinline__ int below(const int* ids, int from, int end, int limit) {
    int count = 0;
    int i = from;
    for (; i < end && reinterpret_cast<unsigned long long>(ids + i) % sizeof(four_ids) != 0; i++) {
        count += ids[i] < limit ? 1 : 0;
    }

#pragma unroll 4
    for (; i + 4 <= end; i += 4) {
        const four_ids four = *reinterpret_cast<const four_ids*>(ids + i);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            count += four.ids[k] < limit ? 1 : 0;
        }
    }

    for (; i < end; i++) {
        count += ids[i] < limit ? 1 : 0;
    }

    return count;
}

// The place of a token is the number of tokens with a smaller id, or with the same and before it: it is counted. A block counts for 32 tokens, each of
// its warps among a part of all.
extern "C" __global__ void __launch_bounds__(ordered_tokens* ordering_threads)
    embed_order(const int* ids, row_count rows, int* order, int* ordered_ids) {
    __shared__ int counts[ordering_threads][ordered_tokens];
    const int lane = threadIdx.x % ordered_tokens, part = threadIdx.x / ordered_tokens;
    const int tokens = rows.get();
    const int own = blockIdx.x * ordered_tokens;
    const int token = own + lane;
    const int id = token < tokens ? ids[token] : 0;
    const int part_tokens = (tokens + ordering_threads - 1) / ordering_threads;
    const int from = min(part * part_tokens, tokens), end = min(from + part_tokens, tokens);
    int count = below(ids, from, min(end, own), id + 1) + below(ids, max(from, own + ordered_tokens), end, id);
    for (int other = max(from, own); other < min(end, own + ordered_tokens); other++) {
        count += ids[other] < (other < token ? id + 1 : id) ? 1 : 0;
    }

    counts[part][lane] = count;
    __syncthreads();
    if (part == 0 && token < tokens) {
        int place = 0;
        for (int i = 0; i < ordering_threads; i++) {
            place += counts[i][lane];
        }

        order[place] = token;
        ordered_ids[place] = id;
    }
}

// Adds numbers to a row of the table.
template <int size>
__device__ __forceinline__ void add_to(float* to, const float (&sum)[size]) {
    float x[size];
    get_floats(to, x);
#pragma unroll
    for (int i = 0; i < size; i++) {
        x[i] += sum[i];
    }

    set_floats(to, x);
}

// A thread has a unit of columns and a tile of places. An id whose places are all in the tile is added to its row; what an id has in the tile of places
// that begin before it goes to the tile's first part, what it has of those that go on behind it to the second.
template <typename T, typename U>
__device__ __forceinline__ void embed_tiles(
    const int* order, const int* ordered_ids, rows_of<const T> dy, rows_of<float> d_table, float* parts, row_count rows, int columns) {
    const int unit = blockIdx.y * blockDim.x + threadIdx.x;
    const int tokens = rows.get();
    const int first = blockIdx.x * tile_places;
    if (unit >= columns / U::size || first >= tokens) {
        return;
    }

    const int end = tokens - first < tile_places ? tokens : first + tile_places;
    float sum[U::size] = {};
    bool begins_before = first > 0 && ordered_ids[first - 1] == ordered_ids[first];
    for (int begin = first; begin < end; begin += rows_ahead) {
        U held[rows_ahead];
#pragma unroll
        for (int k = 0; k < rows_ahead; k++) {
            if (begin + k < end) {
                held[k] = units_of<U>(dy, order[begin + k])[unit];
            }
        }

#pragma unroll
        for (int k = 0; k < rows_ahead; k++) {
            const int place = begin + k;
            if (place < end) {
                float x[U::size];
                held[k].get(x);
#pragma unroll
                for (int i = 0; i < U::size; i++) {
                    sum[i] += x[i];
                }

                const int id = ordered_ids[place];
                const bool goes_on = place + 1 < tokens && ordered_ids[place + 1] == id;
                if (goes_on && place + 1 < end) {
                    continue;
                }

                float* own = parts + (2LL * blockIdx.x + (begins_before ? 0 : 1)) * columns + unit * U::size;
                if (begins_before || goes_on) {
                    set_floats(own, sum);
                } else {
                    add_to(d_table.data + id * d_table.stride + unit * U::size, sum);
                }

                begins_before = false;
#pragma unroll
                for (int i = 0; i < U::size; i++) {
                    sum[i] = 0.0f;
                }
            }
        }
    }
}

// Ids whose places are in several tiles: the tile in which they begin adds the parts, in order, to their row.
template <int size>
__device__ __forceinline__ void embed_spans_of(const int* ordered_ids, const float* parts, rows_of<float> d_table, row_count rows, int columns) {
    const int unit = blockIdx.y * blockDim.x + threadIdx.x;
    const int tokens = rows.get();
    const int first = blockIdx.x * tile_places;
    if (unit >= columns / size || first >= tokens || tokens - first <= tile_places) {
        return;
    }

    int next = first + tile_places;
    const int id = ordered_ids[next - 1];
    if (ordered_ids[next] != id || (first > 0 && ordered_ids[first - 1] == id)) {
        return;
    }

    float sum[size];
    get_floats(parts + (2LL * blockIdx.x + 1) * columns + unit * size, sum);
    for (; next < tokens && ordered_ids[next] == id; next += tile_places) {
        float x[size];
        get_floats(parts + 2LL * (next / tile_places) * columns + unit * size, x);
#pragma unroll
        for (int i = 0; i < size; i++) {
            sum[i] += x[i];
        }
    }

    add_to(d_table.data + id * d_table.stride + unit * size, sum);
}

extern "C" __global__ void embed_tiles_float32(
    const int* order, const int* ordered_ids, rows_of<const float> dy, rows_of<float> d_table, float* parts, row_count rows, int columns, bool is_packed) {
    if (is_packed) {
        embed_tiles<float, pack<float>>(order, ordered_ids, dy, d_table, parts, rows, columns);
    } else {
        embed_tiles<float, single<float>>(order, ordered_ids, dy, d_table, parts, rows, columns);
    }
}

extern "C" __global__ void embed_tiles_bfloat16(
    const int* order, const int* ordered_ids, rows_of<const bfloat16> dy, rows_of<float> d_table, float* parts, row_count rows, int columns, bool is_packed) {
    if (is_packed) {
        embed_tiles<bfloat16, pack<bfloat16>>(order, ordered_ids, dy, d_table, parts, rows, columns);
    } else {
        embed_tiles<bfloat16, single<bfloat16>>(order, ordered_ids, dy, d_table, parts, rows, columns);
    }
}

extern "C" __global__ void embed_spans(const int* ordered_ids, const float* parts, rows_of<float> d_table, row_count rows, int columns, bool is_packed) {
    if (is_packed) {
        embed_spans_of<4>(ordered_ids, parts, d_table, rows, columns);
    } else {
        embed_spans_of<1>(ordered_ids, parts, d_table, rows, columns);
    }
}

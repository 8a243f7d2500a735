// A part of attention over the compressed cache, see latent_part.cuh.
#include "latent_part.cuh"

extern "C" __global__ void __launch_bounds__(part_threads) latent_part_packed(
    rows_of<const bfloat16> q, rows_of<const bfloat16> cache, const int* first_rows, const int* lengths, attention_shape shape, int latent,
    latent_scratch scratch) {
    extern __shared__ pack<bfloat16> tile[];
    const int head = blockIdx.x, part = blockIdx.y, b = blockIdx.z, length = lengths[b], size = part_rows(length), from = part * size;
    const int columns = latent + shape.rope, packs = columns / 8, pitch = packs + 1;
    if (from >= length) {
        return;
    }

    const part_tile rows = {tile, {cache.data + first_rows[b] * cache.stride, cache.stride}, from, min(length, from + size), packs, pitch};
    rows.bring(from);
    const long long at = static_cast<long long>(b) * shape.heads + head;
    float* const query = reinterpret_cast<float*>(tile + tile_rows * pitch);
    load_query(
        scratch.queries + at * latent, q.data + b * q.stride + head * shape.query_columns() + shape.nope, 0, latent, columns, query);
    attend_part(rows, query, shape.scale, latent, scratch, at, part);
}

// The windows of a group's ranks, in rank order. Mirrors Actors.Gpu.Operations.RankRows.
#pragma once
#include "elements.cuh"

constexpr int most_ranks = 64;

template <typename T>
struct rank_rows {
    rows_of<T> rank[most_ranks];
};

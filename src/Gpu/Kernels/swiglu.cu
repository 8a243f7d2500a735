// y = silu(gate) * up; gate_up has gate in its first columns, up in the others.
#include "row_team.cuh"
#include "swiglu.cuh"
#include "units.cuh"

template <typename T, typename U>
__device__ __forceinline__ void swiglu_units(rows_of<const T> gate_up, rows_of<T> y, row_count rows, int columns) {
    U gates[unit_depth], ups[unit_depth];
    const int units = columns / U::size;
    for_each_unit(rows, units, [&](long long r, int p, int k) {
        gates[k] = units_of<U>(gate_up, r)[p];
        ups[k] = units_of<U>(gate_up, r)[p + units];
    }, [&](long long r, int p, int k) {
        float gate[U::size], up[U::size];
        gates[k].get(gate);
        ups[k].get(up);
#pragma unroll
        for (int i = 0; i < U::size; i++) {
            up[i] = swiglu_of(gate[i], up[i]);
        }

        U result;
        result.set(up);
        units_of<U>(y, r)[p] = result;
    });
}

template <typename T>
__device__ __forceinline__ void swiglu(rows_of<const T> gate_up, rows_of<T> y, row_count rows, int columns, bool is_packed) {
    if (is_packed) {
        swiglu_units<T, pack<T>>(gate_up, y, rows, columns);
    } else {
        swiglu_units<T, single<T>>(gate_up, y, rows, columns);
    }
}

// With a = silu(gate) * up and the gradient dy of w * a: w * dy * da/dgate, w * dy * da/dup, w * a, and the sum of dy * a over the row.
// The thread that writes an element has read it before: d_gate_up may be gate_up, weighted may be dy.
template <typename T, typename U, bool is_warp>
__device__ __forceinline__ void swiglu_backward_row(
    rows_of<T> gate_up, rows_of<T> dy, const float* weights, rows_of<T> d_gate_up, rows_of<T> weighted, float* d_weights, row_count rows, int columns) {
    const row_team<is_warp> team{};
    const int r = team.row();
    if (r >= rows.get()) {
        return;
    }

    const int units = columns / U::size;
    const float weight = weights == nullptr ? 1.0f : weights[r];
    float sum = 0.0f;
    for (int p = team.rank(); p < units; p += team.size()) {
        float gate[U::size], up[U::size], gradient[U::size];
        units_of<U>(gate_up, r)[p].get(gate);
        units_of<U>(gate_up, r)[p + units].get(up);
        units_of<U>(dy, r)[p].get(gradient);
#pragma unroll
        for (int i = 0; i < U::size; i++) {
            swiglu_backward_of(gate[i], up[i], gradient[i], weight, sum);
        }

        U d_gate, d_up, following;
        d_gate.set(gate);
        d_up.set(up);
        following.set(gradient);
        units_of<U>(d_gate_up, r)[p] = d_gate;
        units_of<U>(d_gate_up, r)[p + units] = d_up;
        units_of<U>(weighted, r)[p] = following;
    }

    if (d_weights != nullptr) {
        const float total = team.sum(sum);
        if (team.rank() == 0) {
            d_weights[r] = total;
        }
    }
}

template <typename T>
__device__ __forceinline__ void swiglu_backward(
    rows_of<T> gate_up, rows_of<T> dy, const float* weights, rows_of<T> d_gate_up, rows_of<T> weighted, float* d_weights, row_count rows, int columns,
    bool is_packed, bool is_warp) {
    if (is_packed && is_warp) {
        swiglu_backward_row<T, pack<T>, true>(gate_up, dy, weights, d_gate_up, weighted, d_weights, rows, columns);
    } else if (is_packed) {
        swiglu_backward_row<T, pack<T>, false>(gate_up, dy, weights, d_gate_up, weighted, d_weights, rows, columns);
    } else if (is_warp) {
        swiglu_backward_row<T, single<T>, true>(gate_up, dy, weights, d_gate_up, weighted, d_weights, rows, columns);
    } else {
        swiglu_backward_row<T, single<T>, false>(gate_up, dy, weights, d_gate_up, weighted, d_weights, rows, columns);
    }
}

extern "C" __global__ void swiglu_float32(rows_of<const float> gate_up, rows_of<float> y, row_count rows, int columns, bool is_packed) {
    swiglu<float>(gate_up, y, rows, columns, is_packed);
}

extern "C" __global__ void swiglu_bfloat16(rows_of<const bfloat16> gate_up, rows_of<bfloat16> y, row_count rows, int columns, bool is_packed) {
    swiglu<bfloat16>(gate_up, y, rows, columns, is_packed);
}

extern "C" __global__ void swiglu_backward_float32(
    rows_of<float> gate_up, rows_of<float> dy, const float* weights, rows_of<float> d_gate_up, rows_of<float> weighted, float* d_weights, row_count rows,
    int columns, bool is_packed, bool is_warp) {
    swiglu_backward<float>(gate_up, dy, weights, d_gate_up, weighted, d_weights, rows, columns, is_packed, is_warp);
}

extern "C" __global__ void swiglu_backward_bfloat16(
    rows_of<bfloat16> gate_up, rows_of<bfloat16> dy, const float* weights, rows_of<bfloat16> d_gate_up, rows_of<bfloat16> weighted, float* d_weights,
    row_count rows, int columns, bool is_packed, bool is_warp) {
    swiglu_backward<bfloat16>(gate_up, dy, weights, d_gate_up, weighted, d_weights, rows, columns, is_packed, is_warp);
}

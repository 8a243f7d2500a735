using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd;

/// <summary>Rows of SwiGLU and of its gradient.</summary>
internal static unsafe class SwiGluKernel
{
    /// <summary>y = silu(gate) · up for one row of 2 · <paramref name="columns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Forward(float* gateUp, float* y, int columns)
    {
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Vector512<float> gate = Lanes.Load(gateUp + i, left);
            Vector512<float> up = Lanes.Load(gateUp + columns + i, left);
            Lanes.Store(gate / (Vector512<float>.One + Exponential.Exp(-gate)) * up, y + i, left);
        }
    }

    /// <summary>One row of the gradient; returns Σ dy · silu(gate) · up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Backward(float* gateUp, float* dy, float weight, float* dGateUp, float* weighted, int columns)
    {
        Vector512<float> one = Vector512<float>.One;
        Vector512<float> weights = Vector512.Create(weight);
        Vector512<float> sum = Vector512<float>.Zero;
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Vector512<float> gate = Lanes.Load(gateUp + i, left);
            Vector512<float> up = Lanes.Load(gateUp + columns + i, left);
            Vector512<float> d = Lanes.Load(dy + i, left);
            Vector512<float> sigmoid = Exponential.Sigmoid(gate);
            Vector512<float> silu = gate * sigmoid;
            Vector512<float> a = silu * up;
            Vector512<float> slope = Vector512.FusedMultiplyAdd(silu, one - sigmoid, sigmoid);
            sum = Vector512.FusedMultiplyAdd(d, a, sum);
            d *= weights;
            Lanes.Store(d * up * slope, dGateUp + i, left);
            Lanes.Store(d * silu, dGateUp + columns + i, left);
            Lanes.Store(weights * a, weighted + i, left);
        }

        return Lanes.Sum(sum);
    }
}

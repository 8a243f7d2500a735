namespace Actors.Cpu.Simd.Products;

/// <summary>The few operations of a product's inner loop, for one width of vector; a type argument, so that the JIT inlines them.</summary>
/// <typeparam name="TVector">Vector512, Vector256 or Vector128 of float.</typeparam>
internal unsafe interface IVectorWidth<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Rows of the largest tile of two vectors' columns whose accumulators, one panel row and one broadcast fit into the registers.</summary>
    static abstract int MaxRows { get; }

    /// <summary>Vectors that a whole panel's columns fill: 4 where the registers hold a tile of <see cref="WideTileKernel{TVector, TWidth}"/>, else 2.</summary>
    static abstract int PanelVectors { get; }

    /// <summary>All lanes 0.</summary>
    static abstract TVector Zero { get; }

    /// <summary>Reads a vector from any address.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Writes a vector to any address.</summary>
    static abstract void Store(TVector value, float* destination);

    /// <summary>One element in all lanes.</summary>
    static abstract TVector Broadcast(float* source);

    /// <summary>sum + left · right, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector sum);

    /// <summary>left + right.</summary>
    static abstract TVector Add(TVector left, TVector right);
}

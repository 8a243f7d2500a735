namespace Actors.Cpu.Simd.Products;

/// <summary>How the left matrix of a product lies in memory.</summary>
internal interface ILeftLayout
{
    /// <summary>True: elements of one contraction step lie together (dyᵀ); false: a row's elements lie together (x).</summary>
    static abstract bool StepsTogether { get; }
}

/// <summary>Element (row, step) at row · stride + step.</summary>
internal readonly struct ByRow : ILeftLayout
{
    public static bool StepsTogether => false;
}

/// <summary>Element (row, step) at step · stride + row.</summary>
internal readonly struct ByStep : ILeftLayout
{
    public static bool StepsTogether => true;
}

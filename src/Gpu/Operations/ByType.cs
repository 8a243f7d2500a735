using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>A family of kernels for each type of rows.</summary>
/// <param name="make">Makes the family of one type.</param>
internal sealed class ByType<T>(Func<ElementType, T> make)
{
    private readonly T _float32 = make(ElementType.Float32), _bfloat16 = make(ElementType.BFloat16);

    /// <summary>The family for rows of a type.</summary>
    public T this[ElementType type] => type switch
    {
        ElementType.Float32 => _float32,
        ElementType.BFloat16 => _bfloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Rows are Float32 or BFloat16."),
    };
}

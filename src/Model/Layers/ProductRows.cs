using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>What a <see cref="Projection"/> multiplies.</summary>
/// <param name="Rows">(rows, inputs), or absent.</param>
/// <param name="Codes">The same in E4M3, where the projection's products take that and somebody keeps them; else absent.</param>
internal readonly record struct ProductRows(Tensor Rows, QuantizedRows Codes = default)
{
    /// <summary>Whether there are codes.</summary>
    public bool HasCodes => !Codes.Codes.IsAbsent;

    /// <summary>The same, completed by those of another.</summary>
    public ProductRows With(in ProductRows other) => new(Rows.IsAbsent ? other.Rows : Rows, HasCodes ? Codes : other.Codes);

    /// <summary>The first <paramref name="count"/> rows.</summary>
    public ProductRows First(int count) => new(Rows.IsAbsent ? Rows : Rows.RowRange(0, count), HasCodes ? Codes.RowRange(0, count) : Codes);
}

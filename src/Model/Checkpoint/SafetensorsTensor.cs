namespace Actors.Model.Checkpoint;

/// <summary>One tensor of a safetensors file: name, element type and shape.</summary>
/// <param name="Name">Name, such as <c>model.embed_tokens.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes of the dimensions, the outermost first; none for a single value.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements.</summary>
    /// <exception cref="OverflowException">More than a 64-bit integer counts.</exception>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long size in Shape)
            {
                count = checked(count * size);
            }

            return count;
        }
    }

    /// <summary>Length in bytes.</summary>
    public long Bytes => checked(Count * SafetensorsElements.SizeInBytes(Type));

    /// <summary>The shape as text, such as <c>[256, 64]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type}{ShapeText}";
}

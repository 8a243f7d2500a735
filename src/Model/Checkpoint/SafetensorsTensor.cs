namespace Actors.Model.Checkpoint;

/// <summary>One tensor of a safetensors file: name, element type and shape.</summary>
/// <param name="Name">Name, such as <c>model.embed_tokens.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes of the dimensions, the outermost first; none for a single value.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape)
{
    /// <summary>The element type as the file names it: of <see cref="SafetensorsType.Other"/> too.</summary>
    public string TypeName { get => field ?? SafetensorsElements.NameOf(Type); init; }

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

    /// <summary>Length in bytes; not known of <see cref="SafetensorsType.Other"/>.</summary>
    public long Bytes => checked(Count * SafetensorsElements.SizeInBytes(Type));

    /// <summary>The shape as text, such as <c>[256, 64]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>The place of an element as text, such as <c>[3, 17]</c>.</summary>
    /// <param name="index">The element, counted row by row.</param>
    internal string PlaceText(long index)
    {
        var place = new long[Shape.Count];
        for (int i = place.Length - 1; i >= 0; i--)
        {
            (index, place[i]) = Math.DivRem(index, Shape[i]);
        }

        return $"[{string.Join(", ", place)}]";
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {TypeName}{ShapeText}";
}

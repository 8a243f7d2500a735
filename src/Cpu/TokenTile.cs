using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Cpu;

/// <summary>A tile of the rows of a group, see <see cref="QuantizedTokens"/>.</summary>
/// <param name="Place">Its place.</param>
/// <param name="FirstRow">Its first row.</param>
/// <param name="Count">Its rows, 1 to 128.</param>
internal readonly record struct TokenTile(int Place, int FirstRow, int Count)
{
    /// <summary>Rows and first place of a group.</summary>
    /// <param name="offsets">Of groups; absent: one of all rows.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="group">Its number.</param>
    public static (int Place, int FirstRow, int Count) OfGroup(Tensor offsets, int rows, int group)
    {
        int first = offsets.IsAbsent ? 0 : offsets.RowSpan<int>(0)[group];
        int end = offsets.IsAbsent ? rows : offsets.RowSpan<int>(0)[group + 1];
        return (QuantizedTokens.PlaceOf(group, first), first, end - first);
    }

    /// <summary>The tiles of all groups in order.</summary>
    /// <param name="offsets">Of groups; absent: one of all rows.</param>
    /// <param name="rows">All rows.</param>
    public static IEnumerable<TokenTile> All(Tensor offsets, int rows)
    {
        int groups = offsets.IsAbsent ? 1 : offsets.Columns - 1;
        for (int group = 0; group < groups; group++)
        {
            (int place, int first, int count) = OfGroup(offsets, rows, group);
            var cuts = new TileCuts(count);
            for (int tile = 0; tile < cuts.Count; tile++)
            {
                yield return new TokenTile(place + tile, first + cuts.Start(tile), cuts.Size(tile));
            }
        }
    }
}

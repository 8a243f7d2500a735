using Actors.Cpu.Simd.Products;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd.Attention;

/// <summary>Sizes of one head's scratch memory; every row is padded to whole vectors and whole panels.</summary>
internal readonly struct HeadPlan
{
    public HeadPlan(AttentionShape shape, int longest, int queryBlock)
    {
        QueryPad = Lanes.Pad(shape.QueryColumns, Lanes.Count);
        ValuePad = Lanes.Pad(shape.ValueColumns, Lanes.Count);
        KeyPad = Lanes.Pad(Lanes.Pad(longest, TileDispatch.PanelColumns), Lanes.Count);
        QueryBlock = queryBlock;
    }

    /// <summary>Elements of a padded query or key row.</summary>
    public int QueryPad { get; }

    /// <summary>Elements of a padded value row.</summary>
    public int ValuePad { get; }

    /// <summary>Elements of a padded row of scores.</summary>
    public int KeyPad { get; }

    /// <summary>Query rows whose scores are held at a time.</summary>
    public int QueryBlock { get; }
}

using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>What a rank adds to the running sum of one block's gradients.</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Gradients">Those of the holders whose memory the rank reads, in rank order.</param>
/// <param name="AwaitsSum">Whether holders of lower ranks lie elsewhere.</param>
/// <param name="Next">The rank that the sum goes to; null: it stays here, at the block's owner.</param>
/// <param name="IsLast">Whether there are no holders of higher ranks elsewhere.</param>
internal sealed record ReductionPart(int Number, IReadOnlyList<HeldGradient> Gradients, bool AwaitsSum, int? Next, bool IsLast);

/// <summary>A holder's gradient of a block.</summary>
/// <param name="Set">The holder's.</param>
/// <param name="Block">The block in its domain.</param>
internal readonly record struct HeldGradient(GradientSet Set, ParameterBlock Block)
{
    /// <summary>Whether the holder has any.</summary>
    public bool IsAny => Set.Has(Block);

    /// <summary>The gradient.</summary>
    public Tensor Tensor => Set[Block];
}

using Actors.Model.Parameters;

namespace Actors.Runtime.Training;

/// <summary>What a rank adds to the running sum of one block's gradients.</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Block">The block in the rank's domain.</param>
/// <param name="Gradients">Those of the domain's holders, in rank order.</param>
/// <param name="AwaitsSum">Whether a domain before has holders too.</param>
/// <param name="Next">The rank that the sum goes to; null: it stays here, at the block's owner.</param>
/// <param name="IsLast">Whether no further domain has holders.</param>
internal sealed record ReductionPart(
    int Number, ParameterBlock Block, IReadOnlyList<GradientSet> Gradients, bool AwaitsSum, int? Next, bool IsLast);

namespace Actors.Model.Parameters;

/// <summary>A tensor of the Hugging Face layout that is part of a <see cref="ParameterBlock"/>.</summary>
/// <param name="Name">Name in a checkpoint, such as <c>model.layers.3.self_attn.o_proj.weight</c>.</param>
/// <param name="FirstRow">Its first row in the block's values.</param>
/// <param name="Rows">Rows in the block; 1 for a vector.</param>
/// <param name="Columns">Columns, the same as the block's.</param>
/// <param name="IsVector">Whether the checkpoint's shape is [Columns] instead of [Rows, Columns].</param>
public sealed record HubTensor(string Name, int FirstRow, int Rows, int Columns, bool IsVector)
{
    /// <summary>The tensor's elements in those of its block: values, a gradient or a moment.</summary>
    public ReadOnlySpan<float> RowsOf(ReadOnlySpan<float> block) => block.Slice(checked(FirstRow * Columns), checked(Rows * Columns));
}

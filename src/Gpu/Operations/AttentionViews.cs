using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>What attention reads, forward and backward.</summary>
/// <param name="Query">(rows, heads · QueryColumns).</param>
/// <param name="KeyValue">(rows, heads · KeyValueColumns).</param>
/// <param name="KeyRope">(rows, RopeColumns).</param>
/// <param name="Sequences">First row of each sequence, then the number of rows.</param>
/// <param name="Rows">Rows of all sequences at most.</param>
/// <param name="Shape">Sizes of heads.</param>
internal readonly record struct AttentionViews(
    RowView Query, RowView KeyValue, RowView KeyRope, SequenceList Sequences, int Rows, AttentionShape Shape)
{
    /// <summary>The views of an operation's tensors.</summary>
    public static AttentionViews Of(Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape) => new(
        RowView.Of(q), RowView.Of(kv), RowView.Of(kRope), new SequenceList((nuint)sequences.Pointer, sequences.Columns - 1), q.Rows, shape);

    /// <summary>Tiles of so many rows that hold all sequences whatever their lengths: each begins with a tile of its own.</summary>
    public int Tiles(int tileRows) => Rows / tileRows + Sequences.Count;
}

/// <summary>Mirrors <c>sequence_list</c> of sequence_tiles.cuh.</summary>
/// <param name="Starts">Address of int32 (count + 1).</param>
/// <param name="Count">Sequences.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SequenceList(nuint Starts, int Count);

/// <summary>What attention's backward reads beside the forward's inputs. Mirrors <c>gradient_inputs</c> of sequence_tiles.cuh.</summary>
/// <param name="OutputGradient">(rows, heads · ValueColumns).</param>
/// <param name="LogSumExp">Float32 (rows, heads).</param>
/// <param name="Delta">Address of float32 (rows, heads), contiguous: Σ dO · o of each head.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttentionGradientViews(RowView OutputGradient, RowView LogSumExp, nuint Delta);

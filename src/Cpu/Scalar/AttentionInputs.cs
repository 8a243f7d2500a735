using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Scalar;

/// <summary>Where a head's query, key and value lie in the rows of attention's inputs.</summary>
internal readonly struct AttentionInputs(Tensor q, Tensor kv, Tensor kRope, AttentionShape shape)
{
    public ReadOnlySpan<float> QueryNope(int row, int head) =>
        q.RowSpan<float>(row).Slice(head * shape.QueryColumns, shape.NopeColumns);

    public ReadOnlySpan<float> QueryRope(int row, int head) =>
        q.RowSpan<float>(row).Slice(head * shape.QueryColumns + shape.NopeColumns, shape.RopeColumns);

    public ReadOnlySpan<float> KeyNope(int row, int head) =>
        kv.RowSpan<float>(row).Slice(head * shape.KeyValueColumns, shape.NopeColumns);

    public ReadOnlySpan<float> KeyRope(int row) => kRope.RowSpan<float>(row);

    public ReadOnlySpan<float> Value(int row, int head) =>
        kv.RowSpan<float>(row).Slice(head * shape.KeyValueColumns + shape.NopeColumns, shape.ValueColumns);

    /// <summary>(q_nope · k_nope + q_rope · k_rope) · scale.</summary>
    public double Score(int query, int key, int head)
    {
        ReadOnlySpan<float> queryNope = QueryNope(query, head);
        ReadOnlySpan<float> keyNope = KeyNope(key, head);
        double sum = 0;
        for (int i = 0; i < queryNope.Length; i++)
        {
            sum += (double)queryNope[i] * keyNope[i];
        }

        ReadOnlySpan<float> queryRope = QueryRope(query, head);
        ReadOnlySpan<float> keyRope = KeyRope(key);
        for (int i = 0; i < queryRope.Length; i++)
        {
            sum += (double)queryRope[i] * keyRope[i];
        }

        return sum * shape.Scale;
    }
}

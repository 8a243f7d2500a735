using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Rounded;

/// <summary>Rotary embedding and attention: the scores' logarithms are float32.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse)
    {
        Checks.Rope(x, heads, positions, cos, sin);
        WidenedRows rows = _rows.Begin();
        _float32.Rope(rows.Update(x), heads, positions, cos, sin, inverse);
        rows.Store();
    }

    /// <inheritdoc/>
    public void Attention(Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp)
    {
        Checks.Attention("Attention", q, kv, kRope, sequences, shape, o, logSumExp);
        WidenedRows rows = _rows.Begin();
        _float32.Attention(rows.Read(q), rows.Read(kv), rows.Read(kRope), sequences, shape, rows.Write(o), logSumExp);
        rows.Store();
    }

    /// <inheritdoc/>
    public void AttentionBackward(
        Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape, Tensor dq, Tensor dkv, Tensor dkRope)
    {
        Checks.AttentionBackward(dO, q, kv, kRope, o, logSumExp, sequences, shape, dq, dkv, dkRope);
        WidenedRows rows = _rows.Begin();
        _float32.AttentionBackward(
            rows.Read(dO), rows.Read(q), rows.Read(kv), rows.Read(kRope), rows.Read(o), logSumExp, sequences, shape, rows.Write(dq), rows.Write(dkv),
            rows.Write(dkRope));
        rows.Store();
    }

    /// <inheritdoc/>
    public void LatentAttention(Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o)
    {
        Checks.LatentAttention(q, keyValueUp, cache, firstRows, lengths, shape, o);
        WidenedRows rows = _rows.Begin();
        (Tensor seen, Tensor firsts) = Seen(cache, firstRows, lengths);
        _float32.LatentAttention(rows.Read(q), Matrices(keyValueUp, q, o), seen, firsts, lengths, shape, rows.Write(o));
        rows.Store();
    }

    /// <summary>The cache rows that are read, sequence after sequence, and the first of each: a cache has many more.</summary>
    private (Tensor Rows, Tensor Firsts) Seen(Tensor cache, Tensor firstRows, Tensor lengths)
    {
        if (cache.Type == ElementType.Float32)
        {
            return (cache, firstRows);
        }

        ReadOnlySpan<int> from = firstRows.RowSpan<int>(0), counts = lengths.RowSpan<int>(0);
        int total = 0;
        foreach (int count in counts)
        {
            total = checked(total + count);
        }

        Tensor seen = _rows.Take(total, cache.Columns), firsts = _rows.Take(1, counts.Length, ElementType.Int32);
        for (int row = 0, first = 0; row < counts.Length; first += counts[row++])
        {
            firsts.RowSpan<int>(0)[row] = first;
            WidenedRows.Widen(cache.RowRange(from[row], counts[row]), seen.RowRange(first, counts[row]));
        }

        return (seen, firsts);
    }
}

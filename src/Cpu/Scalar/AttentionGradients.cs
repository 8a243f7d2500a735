using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Scalar;

/// <summary>Float64 sums of attention's three gradients, rounded once at the end.</summary>
internal sealed class AttentionGradients(int rows, AttentionShape shape)
{
    private readonly double[] _query = new double[rows * shape.Heads * shape.QueryColumns];
    private readonly double[] _keyValue = new double[rows * shape.Heads * shape.KeyValueColumns];
    private readonly double[] _keyRope = new double[rows * shape.RopeColumns];

    /// <summary>Adds what one query and one key of a head give to each other.</summary>
    public void Add(
        AttentionInputs inputs, int query, int key, int head, double probability, double dScore, ReadOnlySpan<float> dOutput)
    {
        int queryStart = (query * shape.Heads + head) * shape.QueryColumns;
        int keyStart = (key * shape.Heads + head) * shape.KeyValueColumns;
        AddScaled(dScore, inputs.KeyNope(key, head), _query.AsSpan(queryStart));
        AddScaled(dScore, inputs.KeyRope(key), _query.AsSpan(queryStart + shape.NopeColumns));
        AddScaled(dScore, inputs.QueryNope(query, head), _keyValue.AsSpan(keyStart));
        AddScaled(probability, dOutput, _keyValue.AsSpan(keyStart + shape.NopeColumns));
        AddScaled(dScore, inputs.QueryRope(query, head), _keyRope.AsSpan(key * shape.RopeColumns));
    }

    /// <summary>Writes the sums.</summary>
    public void Round(Tensor dq, Tensor dkv, Tensor dkRope)
    {
        RoundRows(_query, dq);
        RoundRows(_keyValue, dkv);
        RoundRows(_keyRope, dkRope);
    }

    private static void RoundRows(double[] sums, Tensor result)
    {
        for (int row = 0; row < result.Rows; row++)
        {
            for (int column = 0; column < result.Columns; column++)
            {
                result.RowSpan<float>(row)[column] = (float)sums[row * result.Columns + column];
            }
        }
    }

    private static void AddScaled(double factor, ReadOnlySpan<float> row, Span<double> sums)
    {
        for (int i = 0; i < row.Length; i++)
        {
            sums[i] += factor * row[i];
        }
    }
}

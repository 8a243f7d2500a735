using Actors.Tensors.Operations;

namespace Actors.LoadTests.Gpu;

/// <summary>Some rows of attention and of its gradients in float64, beside what a GPU found.</summary>
internal sealed class AttentionCheck(
    AttentionShape shape, int length, float[] query, float[] keyValue, float[] keyRope, float[] outputGradient, double tolerance)
{
    /// <summary>Rows of the first and the last sequence around the edges of tiles.</summary>
    private static readonly int[] Places = [0, 1, 63, 64, 127, 128, 500];

    private float[] _output = [], _logSumExp = [];

    /// <summary>(rows, heads · QueryColumns).</summary>
    public float[] Query => query;

    /// <summary>(rows, heads · KeyValueColumns).</summary>
    public float[] KeyValue => keyValue;

    /// <summary>(rows, RopeColumns).</summary>
    public float[] KeyRope => keyRope;

    /// <summary>(rows, heads · ValueColumns).</summary>
    public float[] OutputGradient => outputGradient;

    private int Rows => keyRope.Length / shape.RopeColumns;

    /// <summary>Checks outputs and logarithms.</summary>
    public void Outputs(string name, float[] output, float[] logSumExp)
    {
        (_output, _logSumExp) = (output, logSumExp);
        foreach ((int row, int head) in Samples())
        {
            double sum = 0;
            double[] average = new double[shape.ValueColumns];
            for (int key = row / length * length; key <= row; key++)
            {
                double weight = Math.Exp(Score(row, key, head));
                sum += weight;
                Add(weight, Value(key, head), average);
            }

            for (int c = 0; c < average.Length; c++)
            {
                average[c] /= sum;
            }

            Compare($"{name}: output of row {row}, head {head}", average, OutputOf(output, row, head), 0);
            Compare($"{name}: logarithm of row {row}, head {head}", [Math.Log(sum)], [logSumExp[row * shape.Heads + head]], 1);
        }
    }

    /// <summary>Checks gradients; the probabilities are those of the outputs that were checked before.</summary>
    public void Gradients(string name, float[] dq, float[] dkv, float[] dkRope)
    {
        foreach ((int row, int head) in Samples())
        {
            double[] expected = new double[shape.QueryColumns];
            for (int key = row / length * length; key <= row; key++)
            {
                AddKey(Pair(row, key, head).Score, key, head, expected);
            }

            Compare($"{name}: gradient of query {row}, head {head}", expected, dq.AsSpan(row * shape.Heads * shape.QueryColumns + head * shape.QueryColumns, expected.Length), 1);
            double[] keys = new double[shape.QueryColumns], value = new double[shape.ValueColumns];
            for (int from = row; from < (row / length + 1) * length; from++)
            {
                (double probability, double score) = Pair(from, row, head);
                Add(score, QueryOf(from, head), keys);
                Add(probability, OutputOf(outputGradient, from, head), value);
            }

            int at = row * shape.Heads * shape.KeyValueColumns + head * shape.KeyValueColumns;
            Compare($"{name}: gradient of key {row}, head {head}", keys[..shape.NopeColumns], dkv.AsSpan(at, shape.NopeColumns), 1);
            Compare($"{name}: gradient of value {row}, head {head}", value, dkv.AsSpan(at + shape.NopeColumns, shape.ValueColumns), 1);
        }

        int shared = length - 3;
        double[] sum = new double[shape.QueryColumns];
        for (int from = shared; from < length; from++)
        {
            for (int head = 0; head < shape.Heads; head++)
            {
                Add(Pair(from, shared, head).Score, QueryOf(from, head), sum);
            }
        }

        Compare($"{name}: gradient of shared key {shared}", sum[shape.NopeColumns..], dkRope.AsSpan(shared * shape.RopeColumns, shape.RopeColumns), 1);
    }

    private IEnumerable<(int Row, int Head)> Samples()
    {
        foreach (int place in Places.Append(length - 1))
        {
            yield return (place, place % shape.Heads);
            yield return (Rows - length + place, shape.Heads - 1 - place % shape.Heads);
        }
    }

    private ReadOnlySpan<float> QueryOf(int row, int head) => query.AsSpan(row * shape.Heads * shape.QueryColumns + head * shape.QueryColumns, shape.QueryColumns);

    private ReadOnlySpan<float> KeyNope(int row, int head) => keyValue.AsSpan(row * shape.Heads * shape.KeyValueColumns + head * shape.KeyValueColumns, shape.NopeColumns);

    private ReadOnlySpan<float> Value(int row, int head) =>
        keyValue.AsSpan(row * shape.Heads * shape.KeyValueColumns + head * shape.KeyValueColumns + shape.NopeColumns, shape.ValueColumns);

    private ReadOnlySpan<float> OutputOf(float[] rows, int row, int head) => rows.AsSpan(row * shape.Heads * shape.ValueColumns + head * shape.ValueColumns, shape.ValueColumns);

    private double Score(int row, int key, int head)
    {
        ReadOnlySpan<float> whole = QueryOf(row, head);
        return (Dot(whole[..shape.NopeColumns], KeyNope(key, head)) + Dot(whole[shape.NopeColumns..], keyRope.AsSpan(key * shape.RopeColumns, shape.RopeColumns))) * shape.Scale;
    }

    /// <summary>The probability of a pair and its score's gradient, scaled.</summary>
    private (double Probability, double Score) Pair(int row, int key, int head)
    {
        double probability = Math.Exp(Score(row, key, head) - _logSumExp[row * shape.Heads + head]);
        ReadOnlySpan<float> gradient = OutputOf(outputGradient, row, head);
        return (probability, probability * (Dot(gradient, Value(key, head)) - Dot(gradient, OutputOf(_output, row, head))) * shape.Scale);
    }

    private void AddKey(double factor, int row, int head, double[] sums)
    {
        Add(factor, KeyNope(row, head), sums);
        Add(factor, keyRope.AsSpan(row * shape.RopeColumns, shape.RopeColumns), sums.AsSpan(shape.NopeColumns));
    }

    private static void Add(double factor, ReadOnlySpan<float> row, Span<double> sums)
    {
        for (int i = 0; i < row.Length; i++)
        {
            sums[i] += factor * row[i];
        }
    }

    private static double Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return sum;
    }

    private void Compare(string what, ReadOnlySpan<double> expected, ReadOnlySpan<float> found, double floor)
    {
        double difference = 0, norm = floor;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (found[i] - expected[i]) * (found[i] - expected[i]);
            norm += expected[i] * expected[i];
        }

        if (!(Math.Sqrt(difference / norm) <= tolerance))
        {
            throw new CheckFailedException($"{what} is {Math.Sqrt(difference / norm):g3} away, allowed are {tolerance:g3}.");
        }
    }
}

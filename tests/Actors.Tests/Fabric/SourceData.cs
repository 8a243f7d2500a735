using Actors.Cpu;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>One rank's tokens in one exchange: what is sent, as plain numbers and as tensors, and room for what comes back.</summary>
internal sealed class SourceData
{
    private readonly Tensor _rows;
    private readonly HostTensor _experts;
    private readonly HostTensor _weights;
    private readonly Tensor _gradients;

    public SourceData(GroupShape shape, TensorPool pool, Random random, int tokens, Func<Random, int[]> choose)
    {
        Tokens = tokens;
        Rows = Numbers(random, tokens * shape.Columns, shape.RowType);
        Gradients = Numbers(random, tokens * shape.Columns, shape.RowType);
        Weights = Numbers(random, tokens * shape.Choices, ElementType.Float32);
        Experts = [.. Enumerable.Range(0, tokens).SelectMany(_ => choose(random))];
        _rows = Lay(pool, Rows, tokens, shape.Columns, shape.RowType);
        _gradients = Lay(pool, Gradients, tokens, shape.Columns, shape.RowType);
        _weights = pool.RentHost(tokens, shape.Choices);
        Weights.CopyTo(_weights.AsSpan<float>());
        _experts = pool.RentHost(tokens, shape.Choices, ElementType.Int32);
        Experts.CopyTo(_experts.AsSpan<int>());
        Combined = [pool.Rent(tokens, shape.Columns), pool.Rent(tokens, shape.Columns)];
        WeightGradients = pool.RentHost(tokens, shape.Choices);

        // Numbers that no sum gives: a token that nobody wrote shows.
        Combined[0].AsSpan<float>().Fill(-777);
        Combined[1].AsSpan<float>().Fill(-777);
        WeightGradients.AsSpan<float>().Fill(-777);
    }

    public int Tokens { get; }

    public float[] Rows { get; }

    public float[] Gradients { get; }

    public float[] Weights { get; }

    public int[] Experts { get; }

    /// <summary>Output of each phase (tokens, Columns).</summary>
    public Tensor[] Combined { get; }

    /// <summary>Output (tokens, Choices).</summary>
    public HostTensor WeightGradients { get; }

    public void LayDown(SourceExchange source, ExchangePhase phase)
    {
        if (phase == ExchangePhase.Forward)
        {
            source.SetForward(_rows, _experts, _weights, Combined[0]);
        }
        else
        {
            source.SetBackward(_gradients, Combined[1], WeightGradients);
        }
    }

    private static float[] Numbers(Random random, int count, ElementType type)
    {
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = RowCodec.Rounded((random.NextSingle() * 2) - 1, type);
        }

        return numbers;
    }

    private static Tensor Lay(TensorPool pool, float[] values, int rows, int columns, ElementType type)
    {
        Tensor tensor = pool.Rent(rows, columns, type);
        RowCodec.Write(values, tensor);
        return tensor;
    }
}

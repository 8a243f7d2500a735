using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>The backwards of gate, embedding and loss, on every backend, against finite differences of the scalar forward.</summary>
public sealed class TokenGradientChecks
{
    private readonly Random _random = new(20250102);

    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Gate_backward_is_the_gradient_of_normalized_weights(string backend) => CheckGate(backend, normalize: true);

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Gate_backward_is_the_gradient_of_plain_weights(string backend) => CheckGate(backend, normalize: false);

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Embedding_backward_is_the_gradient_of_the_table(string backend)
    {
        int[] ids = [2, 0, 2, 2, 3];
        float[] table = Point(4 * 3, 1);
        float[] dy = Point(ids.Length * 3, 1);

        using var bench = new Workbench(Backends.Create(backend));
        Tensor dTable = bench.Zeros(4, 3);
        bench.Stream.EmbedBackward(bench.Ints(1, ids.Length, ids), bench.Floats(ids.Length, 3, dy), dTable);

        double Loss(float[] values)
        {
            using var forward = Workbench.Scalar();
            Tensor y = forward.Zeros(ids.Length, 3);
            forward.Stream.Embed(forward.Ints(1, ids.Length, ids), forward.Floats(4, 3, values), y);
            return forward.Dot(y, dy);
        }

        FiniteDifferences.AssertGradient("dTable", table, Loss, bench.Read(dTable));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Cross_entropy_gives_the_gradient_of_the_scaled_sum_of_losses(string backend)
    {
        const float Scale = 0.25f;
        int[] targets = [1, -1, 4];
        float[] logits = Point(3 * 5, 2);

        using var bench = new Workbench(Backends.Create(backend));
        Tensor dLogits = bench.Zeros(3, 5);
        bench.Stream.CrossEntropy(
            bench.Floats(3, 5, logits), bench.Ints(1, 3, targets), Scale, bench.Zeros(1, 3), dLogits);

        double Loss(float[] values)
        {
            using var forward = Workbench.Scalar();
            Tensor losses = forward.Zeros(1, 3);
            forward.Stream.CrossEntropy(
                forward.Floats(3, 5, values), forward.Ints(1, 3, targets), Scale, losses, dLogits: default);
            return forward.Dot(losses, [Scale, Scale, Scale]);
        }

        FiniteDifferences.AssertGradient("dLogits", logits, Loss, bench.Read(dLogits));
        Assert.Equal(new float[5], bench.Read(dLogits)[5..10]);
    }

    /// <summary>The bias separates the experts so far that no step of the differences changes a choice.</summary>
    private void CheckGate(string backend, bool normalize)
    {
        const int Tokens = 4;
        const int Experts = 8;
        var shape = new GateShape(Groups: 4, GroupsKept: 2, ExpertsKept: 3, normalize, Scaling: 2.5f);
        float[] bias = [0, 3, 6, 9, 1, 4, 7, 10];
        float[] logits = Point(Tokens * Experts, 2);
        float[] dWeights = Point(Tokens * shape.ExpertsKept, 1);

        using var bench = new Workbench(Backends.Create(backend));
        Tensor scores = bench.Zeros(Tokens, Experts);
        Tensor chosen = bench.Ints(Tokens, shape.ExpertsKept, new int[Tokens * shape.ExpertsKept]);
        Tensor dLogits = bench.Zeros(Tokens, Experts);
        bench.Stream.ChooseExperts(
            bench.Floats(Tokens, Experts, logits), bench.Floats(1, Experts, bias), shape, scores, chosen,
            bench.Zeros(Tokens, shape.ExpertsKept));
        bench.Stream.ChooseExpertsBackward(
            bench.Floats(Tokens, shape.ExpertsKept, dWeights), chosen, scores, shape, dLogits);

        double Loss(float[] values)
        {
            using var forward = Workbench.Scalar();
            Tensor weights = forward.Zeros(Tokens, shape.ExpertsKept);
            forward.Stream.ChooseExperts(
                forward.Floats(Tokens, Experts, values), forward.Floats(1, Experts, bias), shape,
                forward.Zeros(Tokens, Experts), forward.Ints(Tokens, shape.ExpertsKept, new int[Tokens * shape.ExpertsKept]),
                weights);
            return forward.Dot(weights, dWeights);
        }

        FiniteDifferences.AssertGradient("dLogits", logits, Loss, bench.Read(dLogits));
    }

    private float[] Point(int count, float size) => FiniteDifferences.RandomPoint(_random, count, size);
}

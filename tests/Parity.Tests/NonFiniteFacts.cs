using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>What is not finite comes out as NaN, on every backend, also where a plain formula would hide it.</summary>
public sealed class NonFiniteFacts
{
    public static TheoryData<string, int, float> Places()
    {
        var data = new TheoryData<string, int, float>();
        foreach (string backend in Backends.Names)
        {
            foreach (int place in (int[])[0, 15, 16, 20])
            {
                data.Add(backend, place, float.NaN);
                data.Add(backend, place, float.PositiveInfinity);
                data.Add(backend, place, float.NegativeInfinity);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_logit_gives_its_row_a_loss_of_NaN(string backend, int place, float value)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor losses = bench.Zeros(1, 2);
        bench.Stream.CrossEntropy(bench.Floats(2, 21, [.. Ones(21, place, value), .. Ones(21)]), bench.Ints(1, 2, 3, 3), 1, losses, default);

        float[] read = bench.Read(losses);
        Assert.True(float.IsNaN(read[0]) && float.IsFinite(read[1]), string.Join(", ", read));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_gate_s_logit_or_bias_gives_the_token_weights_of_NaN(string backend, int place, float value)
    {
        using var bench = new Workbench(Backends.Create(backend));
        var shape = new GateShape(Groups: 1, GroupsKept: 1, ExpertsKept: 2, Normalize: true, Scaling: 1);
        Tensor scores = bench.Zeros(2, 21), experts = bench.Ints(2, 2, 0, 0, 0, 0), weights = bench.Zeros(2, 2);
        bench.Stream.ChooseExperts(
            bench.Floats(2, 21, [.. Ones(21, place, value), .. Ones(21)]), bench.Zeros(1, 21), shape, scores, experts, weights);
        float[] ofLogit = bench.Read(weights);
        bench.Stream.ChooseExperts(
            bench.Floats(2, 21, [.. Ones(21), .. Ones(21)]), bench.Floats(1, 21, Ones(21, place, value)), shape, scores, experts, weights);

        Assert.Equal([true, true, false, false], ofLogit.Select(float.IsNaN));
        Assert.All(bench.Read(weights), weight => Assert.True(float.IsNaN(weight)));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_row_whose_squares_overflow_is_normed_to_NaN(string backend, int place, float value)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor y = bench.Zeros(2, 21);
        float large = float.IsFinite(value) ? value : 1e30f;
        bench.Stream.RmsNorm(bench.Floats(2, 21, [.. Ones(21, place, large), .. Ones(21)]), bench.Floats(1, 21, Ones(21)), 1e-6f, y, default);

        float[] read = bench.Read(y);
        Assert.All(read[..21], element => Assert.True(float.IsNaN(element)));
        Assert.All(read[21..], element => Assert.True(float.IsFinite(element)));
    }

    private static float[] Ones(int count, int place = -1, float value = 0) =>
        [.. Enumerable.Range(0, count).Select(i => i == place ? value : 1)];
}

using Actors.Model.Inference;

namespace Actors.Model.Tests.Inference;

public sealed class TokenSamplerTests
{
    [Fact]
    public void Temperature_zero_takes_the_lowest_index_of_the_largest_logit() =>
        Assert.Equal(1, new TokenSampler(0, 1, 0).Next([0, 3, 3, 2]));

    [Fact]
    public void Frequencies_follow_the_softmax_of_the_divided_logits()
    {
        var sampler = new TokenSampler(2, 1, 17);
        float[] logits = [2 * MathF.Log(1), 2 * MathF.Log(2), 2 * MathF.Log(5)];
        var counts = new int[3];
        for (int i = 0; i < 8000; i++)
        {
            counts[sampler.Next(logits)]++;
        }

        // Standard deviation at most √(8000/4) = 45: five of them.
        Assert.InRange(counts[0], 1000 - 225, 1000 + 225);
        Assert.InRange(counts[1], 2000 - 225, 2000 + 225);
        Assert.InRange(counts[2], 5000 - 225, 5000 + 225);
    }

    [Fact]
    public void Top_p_leaves_out_what_lies_beyond_its_probability()
    {
        var sampler = new TokenSampler(1, 0.7, 5);
        float[] logits = [MathF.Log(1), MathF.Log(5), MathF.Log(4)];
        for (int i = 0; i < 500; i++)
        {
            Assert.NotEqual(0, sampler.Next(logits));
        }
    }

    [Fact]
    public void The_same_seed_repeats()
    {
        float[] logits = [0.1f, 0.2f, 0.3f, 0.4f];
        var first = new TokenSampler(1, 0.9, 4);
        var second = new TokenSampler(1, 0.9, 4);
        Assert.Equal(Enumerable.Range(0, 50).Select(_ => first.Next(logits)), Enumerable.Range(0, 50).Select(_ => second.Next(logits)));
    }
}

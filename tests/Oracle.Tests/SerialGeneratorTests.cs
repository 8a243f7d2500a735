using Actors.Cpu;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Model.Placement;

namespace Actors.Oracle.Tests;

public sealed class SerialGeneratorTests
{
    [Theory]
    [InlineData(14)]
    [InlineData(null)]
    public void Decoding_over_the_cache_gives_the_tokens_of_recomputing_the_whole_prefix(int? queryRank)
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2, seed: 3, TinyModel.DefaultConfig with { QueryRank = queryRank });
        int[][] prompts = [TinyModel.Tokens(5, 1), TinyModel.Tokens(1, 2), TinyModel.Tokens(11, 3)];
        using var generator = new SerialGenerator(model.Backend, model.Stream, model.Weights, model.Placement, 3, 32);
        int[][] generated = generator.Generate(prompts, 12, [Greedy(), Greedy(), Greedy()]);
        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(Recompute(model, prompts[i], 12), generated[i]);
        }
    }

    [Fact]
    public void A_prompt_that_leaves_no_room_is_named()
    {
        using var model = new TinyModel(new CpuBackend());
        using var generator = new SerialGenerator(model.Backend, model.Stream, model.Weights, model.Placement, 2, 8);
        ArgumentException error = Assert.Throws<ArgumentException>(() => generator.Generate([[1], [1, 2, 3, 4]], 5, [Greedy(), Greedy()]));
        Assert.Contains("Prompt 1 has 4 tokens", error.Message);
    }

    private static TokenSampler Greedy() => new(0, 1, 0);

    private static int[] Recompute(TinyModel model, int[] prompt, int tokens)
    {
        List<int> ids = [.. prompt];
        for (int i = 0; i < tokens; i++)
        {
            using var evaluator = new SerialEvaluator(
                model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(1, 1, 1), ids.Count, ActivationMode.ForwardOnly);
            float[] logits = evaluator.Run([.. ids]).Logits;
            ids.Add(Greedy().Next(logits.AsSpan(logits.Length - model.Config.VocabularySize)));
        }

        return [.. ids.Skip(prompt.Length)];
    }
}

using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Serving;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>A model that is served by several processes answers with the tokens of one.</summary>
public sealed class ServingProcessesEqualOne
{
    private static readonly int[][] Prompts = [[1, 2, 3], [9], [4, 4, 4, 4, 4, 4, 4], [60, 50, 40, 30], [7, 8]];

    [Theory]
    [InlineData(1, 4, 2, "0|1", false)]
    [InlineData(1, 4, 2, "0|1", true)]
    [InlineData(2, 2, 1, "0|1|2|3", true)]
    [InlineData(2, 2, 1, "03|12", false)]
    [InlineData(4, 2, 2, "1|032", true)]
    [InlineData(4, 4, 4, "3|2|1|0", false)]
    public async Task Answers_have_the_same_tokens(int pipelineRanks, int expertRanks, int ranksPerNode, string processes, bool sharesMemory)
    {
        using var one = new ServingFixture(pipelineRanks, expertRanks, ranksPerNode, slotsPerRank: 2, separates: true);
        List<int>[] expected = await AnswersAsync(one.AskAsync<InferenceEnded>);

        using LinkedServing several = Linked(one, processes, sharesMemory);
        await several.StartAsync();
        List<int>[] answers = await AnswersAsync(several.AskAsync<InferenceEnded>);
        long rows = several.RowsCrossed;
        await several.StopAsync();

        Assert.Equal(expected, answers);
        Assert.True(pipelineRanks == 1 || rows > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Logits_that_are_not_finite_are_found_where_they_are(bool sharesMemory)
    {
        using var one = new ServingFixture(pipelineRanks: 2, expertRanks: 2, separates: true);
        using LinkedServing several = Linked(
            one, "03|12", sharesMemory, static weights => weights.Blocks.SingleOrDefault(block => block.Name == "model.layers.2.input_layernorm.weight")?.Values.AsSpan<float>().Fill(float.NaN));
        await several.StartAsync();
        InferenceFailed failed = (await several.AskAsync<InferenceFailed>(new Infer([1, 2, 3], 1))).End;
        await several.StopAsync();

        Assert.Contains("are not finite, first seen in the output of layer 2", failed.Reason, StringComparison.Ordinal);
    }

    private static LinkedServing Linked(ServingFixture one, string processes, bool sharesMemory, Action<ModelWeights>? change = null) => new(
        one.Plan, one.Memory.Options, sharesMemory, [.. processes.Split('|').Select(share => share.Select(node => node - '0').Order().ToArray())], change);

    private static async Task<List<int>[]> AnswersAsync(Func<Infer, Task<(List<int> Tokens, InferenceEnded End)>> ask)
    {
        var answers = await Task.WhenAll(Prompts.Select((prompt, i) =>
            ask(new Infer([.. prompt], MaxTokens: 9, Temperature: i % 2 == 0 ? 0 : 1.5, TopP: 0.9, Seed: (ulong)i))));
        return [.. answers.Select(answer => answer.Tokens)];
    }
}

using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Oracle;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Serving;

/// <summary>Decoding over the compressed cache, through the actors, chooses the tokens that the serial model does over whole prefixes.</summary>
public sealed class ServingEqualsSerial
{
    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(2, 1, 1, false)]
    [InlineData(1, 4, 2, false)]
    [InlineData(2, 2, 1, false)]
    [InlineData(4, 4, 4, false)]
    [InlineData(1, 4, 2, true)]
    [InlineData(2, 2, 1, true)]
    [InlineData(4, 4, 4, true)]
    [InlineData(4, 2, 4, true)]
    public async Task Greedy_answers_are_those_of_the_whole_prefix(int pipelineRanks, int expertRanks, int ranksPerNode, bool separates)
    {
        using var links = new LateLinks(seed: pipelineRanks);
        using var serving = new ServingFixture(
            pipelineRanks, expertRanks, ranksPerNode, slotsPerRank: 2, makeLink: separates ? links.Make : null, separates: separates);
        int[][] prompts = [[1, 2, 3], [9], [4, 4, 4, 4, 4, 4, 4], [60, 50, 40, 30], [7, 8]];

        var answers = await Task.WhenAll(prompts.Select(prompt => serving.AskAsync<InferenceEnded>(new Infer([.. prompt], MaxTokens: 9))));

        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(SerialAnswer(serving, prompts[i], 9), answers[i].Tokens);
        }
    }

    [Fact]
    public async Task A_prompt_that_cannot_be_served_is_refused_with_the_reason()
    {
        using var serving = new ServingFixture();

        InferenceRefused empty = (await serving.AskAsync<InferenceRefused>(new Infer([], 1))).End;
        Assert.Contains("empty", empty.Reason, StringComparison.Ordinal);
        InferenceRefused unknown = (await serving.AskAsync<InferenceRefused>(new Infer([1, 64], 1))).End;
        Assert.Contains("token 64; the vocabulary is 0..63", unknown.Reason, StringComparison.Ordinal);
        InferenceRefused large = (await serving.AskAsync<InferenceRefused>(new Infer([.. new int[ServingFixture.MaxLength]], 1))).End;
        Assert.Contains("actors.inference.max-length", large.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_beyond_those_that_may_wait_is_refused()
    {
        using var serving = new ServingFixture(
            expertRanks: 4, ranksPerNode: 2, makeLink: () => new FaultyLink(lastGoodMovement: 0, throws: false), isStepwise: true);
        for (int i = 0; i < 1 + ServingFixture.MaxWaiting; i++)
        {
            serving.Gateway.Tell(new Infer([1, 2], MaxTokens: 2), serving.CreateTestProbe());
        }

        InferenceRefused refused = (await serving.AskAsync<InferenceRefused>(new Infer([1, 2], MaxTokens: 2))).End;

        Assert.Equal(
            $"{ServingFixture.MaxWaiting} requests wait already: try again later or raise actors.inference.max-waiting", refused.Reason);
    }

    [Fact]
    public async Task A_step_that_stands_still_fails_its_request_also_after_others_were_answered()
    {
        using var serving = new ServingFixture(
            expertRanks: 4, ranksPerNode: 2, makeLink: () => new FaultyLink(lastGoodMovement: 40, throws: false), isStepwise: true);

        Assert.Equal(2, (await serving.AskAsync<InferenceEnded>(new Infer([1, 2], MaxTokens: 2))).Tokens.Count);
        var stalled = serving.AskAsync<InferenceFailed>(new Infer([1, 2], MaxTokens: 20));
        serving.Pass(2 * ActorKit.StallTimeout);
        string reason = (await stalled).End.Reason;
        Assert.Contains("nothing has moved for 30 s (actors.watchdog.stall-timeout)", reason, StringComparison.Ordinal);
        Assert.Contains("waits at", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.layers.2.input_layernorm.weight", float.NaN, "layer 2")]
    [InlineData("lm_head", float.NaN, "the output head")]
    [InlineData("lm_head", 1e38f, "the output head")]
    [InlineData("model.embed_tokens.weight", 1e30f, "layer 0")]
    [InlineData("model.layers.1.mlp.gate.e_score_correction_bias", float.NaN, "layer 1")]
    public async Task Logits_that_are_not_finite_are_never_sampled(string block, float value, string part)
    {
        using var serving = new ServingFixture(pipelineRanks: 2, expertRanks: 2);
        foreach ((IStream stream, ModelWeights weights) in serving.Memory.Parts())
        {
            weights.Blocks.Single(one => one.Name == block).Values.AsSpan<float>().Fill(value);
            weights.Prepare(stream);
        }

        // Twice: the failed request gives its slot back.
        for (int i = 0; i < 2; i++)
        {
            var (tokens, failed) = await serving.AskAsync<InferenceFailed>(new Infer([1, 2, 3], 1));
            Assert.Empty(tokens);
            Assert.Equal(
                $"the logits after 3 tokens are not finite, first seen in the output of {part}: the model's values are damaged or too large for float32",
                failed.Reason);
        }
    }

    /// <summary>An embedding of one token is damaged: a sequence without it goes on beside one that gets it.</summary>
    [Fact]
    public async Task Only_the_sequence_whose_logits_are_not_finite_fails()
    {
        using var serving = new ServingFixture(expertRanks: 2, slotsPerRank: 2);
        List<int> expected = SerialAnswer(serving, [1, 2, 3], 9);
        int damaged = Enumerable.Range(0, serving.Plan.Model.VocabularySize).First(token => token > 3 && !expected.Contains(token));
        serving.Memory.Parts().Single().Weights.Embedding!.Values.RowSpan<float>(damaged).Fill(float.NaN);

        var sound = serving.AskAsync<InferenceEnded>(new Infer([1, 2, 3], MaxTokens: 9));
        var wrong = serving.AskAsync<InferenceFailed>(new Infer([1, damaged], MaxTokens: 9));

        Assert.Contains(
            "the logits after 2 tokens are not finite, first seen in the output of the embedding", (await wrong).End.Reason, StringComparison.Ordinal);
        Assert.Equal(expected, (await sound).Tokens);
    }

    [Fact]
    public async Task Any_of_several_end_tokens_ends_an_answer()
    {
        using var serving = new ServingFixture();
        List<int> answer = SerialAnswer(serving, [1, 2, 3], 9);
        int end = answer.FindIndex(token => token != answer[0]);

        var ended = await serving.AskAsync<InferenceEnded>(new Infer([1, 2, 3], MaxTokens: 9) { EndTokens = [63, answer[end], 62] });

        Assert.Equal(answer[..(end + 1)], ended.Tokens);
    }

    private static List<int> SerialAnswer(ServingFixture serving, int[] prompt, int tokens)
    {
        (RunPlan plan, IBackend backend) = (serving.Plan, serving.Backend);
        using IStream stream = backend.CreateStream("serial");
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        weights.Initialize(stream, seed: 3);
        using var model = new SerialModel(
            backend, stream, weights, plan.ExpertPlacement(), new SerialOptions(1, 1, ServingFixture.MaxLength, ActivationMode.ForwardOnly));
        var answer = new List<int>();
        for (int i = 0; i < tokens; i++)
        {
            int[] prefix = [.. prompt, .. answer];
            model.SetChunk(0, prefix, [], prefix.Length);
            model.Forward();
            var logits = new float[prefix.Length * plan.Model.VocabularySize];
            model.ReadLogits(0, logits);
            ReadOnlySpan<float> last = logits.AsSpan((prefix.Length - 1) * plan.Model.VocabularySize);
            int best = 0;
            for (int v = 1; v < last.Length; v++)
            {
                best = last[v] > last[best] ? v : best;
            }

            answer.Add(best);
        }

        return answer;
    }
}

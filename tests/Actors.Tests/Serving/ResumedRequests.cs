using Actors.Runtime.Serving;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Serving;

/// <summary>A request may begin in the midst of its answer, and may be ended by its user.</summary>
public sealed class ResumedRequests
{
    private static readonly Infer Request = new([1, 2, 3], MaxTokens: 9, Temperature: 1.2, TopP: 0.95, Seed: 11);

    [Fact]
    public async Task An_answer_that_goes_on_from_any_token_has_the_tokens_that_it_would_have_had()
    {
        using var serving = new ServingFixture(pipelineRanks: 2, expertRanks: 2, slotsPerRank: 2);
        (List<int> whole, InferenceEnded end) = await serving.AskAsync<InferenceEnded>(Request);
        Assert.True(whole.Distinct().Count() > 3);

        for (int known = 0; known <= whole.Count; known++)
        {
            (List<int> rest, InferenceEnded again) = await serving.AskAsync<InferenceEnded>(Request with { Answered = [.. whole[..known]] });

            Assert.Equal(whole[known..], rest);
            Assert.Equal((end.Reason, end.Tokens), (again.Reason, again.Tokens));
        }
    }

    /// <summary>Other values than the ones that answered before: what was said stands.</summary>
    [Fact]
    public async Task Tokens_that_are_known_are_not_drawn_again()
    {
        using var serving = new ServingFixture();
        Infer greedy = Request with { Temperature = 0 };
        List<int> prompt = [.. greedy.Prompt, 40, 41];

        (List<int> rest, _) = await serving.AskAsync<InferenceEnded>(greedy with { Answered = [40, 41] });
        (List<int> expected, _) = await serving.AskAsync<InferenceEnded>(greedy with { Prompt = [.. prompt], MaxTokens = 7 });

        Assert.Equal(expected, rest);
    }

    [Fact]
    public async Task A_known_token_beyond_the_vocabulary_is_refused()
    {
        using var serving = new ServingFixture();
        InferenceRefused refused = (await serving.AskAsync<InferenceRefused>(Request with { Answered = [64] })).End;
        Assert.Contains("token 64", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_stopped_ends_and_gives_its_slot_to_the_next()
    {
        using var serving = new ServingFixture(slotsPerRank: 1);
        TestProbe running = serving.CreateTestProbe(), waiting = serving.CreateTestProbe();
        running.SetAutoPilot(new DelegateAutoPilot((gateway, message) =>
        {
            // In the gateway's thread while it tells of the first token: nothing ends before these arrive.
            if (message is TokenGenerated)
            {
                gateway.Tell(Request, waiting);
                gateway.Tell(new StopInference(), waiting);
                gateway.Tell(new StopInference(), running);
            }

            return message is TokenGenerated ? AutoPilot.NoAutoPilot : AutoPilot.KeepRunning;
        }));

        serving.Gateway.Tell(Request with { MaxTokens = 20, Temperature = 0 }, running);

        Assert.Equal(new InferenceEnded(EndReason.Stopped, 0, 0, 0), await waiting.FishForMessageAsync<InferenceEnded>(_ => true));
        InferenceEnded ended = await running.FishForMessageAsync<InferenceEnded>(_ => true);
        Assert.Equal(EndReason.Stopped, ended.Reason);
        Assert.InRange(ended.Tokens, 1, 19);
        Assert.Equal(9, (await serving.AskAsync<InferenceEnded>(Request)).Tokens.Count);
    }
}

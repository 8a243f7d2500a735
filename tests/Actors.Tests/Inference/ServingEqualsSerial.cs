using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Serial;
using Actors.Runtime.Fabric;
using Actors.Runtime.Inference;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Inference;

/// <summary>Decoding over the compressed cache, through the actors, chooses the tokens that the serial model does over whole prefixes.</summary>
public sealed class ServingEqualsSerial
{
    private const int MaxLength = 24;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 4, 2)]
    [InlineData(2, 2, 1)]
    [InlineData(4, 4, 4)]
    public async Task Greedy_answers_are_those_of_the_whole_prefix(int pipelineRanks, int expertRanks, int ranksPerNode)
    {
        RunPlan plan = Plan(pipelineRanks, expertRanks, ranksPerNode);
        using IBackend backend = new CpuBackend();
        using var memory = new InferenceMemory(plan, new InferenceOptions(SlotsPerRank: 2, MaxLength), backend, () => new HostLink(), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 3);
        using ActorSystem system = ActorSystem.Create("serving");
        ServingRun run = ServingRun.Start(system, memory);

        int[][] prompts = [[1, 2, 3], [9], [4, 4, 4, 4, 4, 4, 4], [60, 50, 40, 30], [7, 8]];
        Task<List<int>>[] answers = [.. prompts.Select(prompt => Ask(system, run, new Infer([.. prompt], MaxTokens: 9)))];
        for (int i = 0; i < prompts.Length; i++)
        {
            List<int> answer = await answers[i].WaitAsync(TestContext.Timeout());
            Assert.Equal(SerialAnswer(backend, plan, prompts[i], 9), answer);
        }

        await system.Terminate();
    }

    [Fact]
    public async Task A_prompt_that_cannot_be_served_is_refused_with_the_reason()
    {
        RunPlan plan = Plan(1, 1, 1);
        using IBackend backend = new CpuBackend();
        using var memory = new InferenceMemory(plan, new InferenceOptions(1, MaxLength), backend, () => new HostLink(), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 3);
        using ActorSystem system = ActorSystem.Create("serving");
        ServingRun run = ServingRun.Start(system, memory);

        var empty = await run.Gateway.Ask<InferenceRefused>(new Infer([], 1), TestContext.Timeout());
        Assert.Contains("empty", empty.Reason, StringComparison.Ordinal);
        var unknown = await run.Gateway.Ask<InferenceRefused>(new Infer([1, 64], 1), TestContext.Timeout());
        Assert.Contains("token 64; the vocabulary is 0..63", unknown.Reason, StringComparison.Ordinal);
        var large = await run.Gateway.Ask<InferenceRefused>(new Infer([.. new int[MaxLength]], 1), TestContext.Timeout());
        Assert.Contains("actors.inference.max-length", large.Reason, StringComparison.Ordinal);
        await system.Terminate();
    }

    [Fact]
    public async Task A_step_that_stands_still_fails_its_request_also_after_others_were_answered()
    {
        RunPlan plan = Plan(1, 4, 2);
        using IBackend backend = new CpuBackend();
        var options = new InferenceOptions(SlotsPerRank: 1, MaxLength) { StallTimeout = TimeSpan.FromSeconds(1) };
        using var memory = new InferenceMemory(
            plan, options, backend, () => new FaultyLink(lastGoodMovement: 40, throws: false), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 3);
        using ActorSystem system = ActorSystem.Create("serving", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        ServingRun run = ServingRun.Start(system, memory);

        Assert.Equal(2, (await Ask(system, run, new Infer([1, 2], MaxTokens: 2)).WaitAsync(TestContext.Timeout())).Count);
        Task<List<int>> stalled = Ask(system, run, new Infer([1, 2], MaxTokens: 20));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => stalled.WaitAsync(TestContext.Timeout()));
        Assert.Contains("nothing has moved for 1 s (actors.watchdog.stall-timeout)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("waits at", failure.Message, StringComparison.Ordinal);
        await system.Terminate();
    }

    [Theory]
    [InlineData("model.layers.2.input_layernorm.weight", float.NaN, "layer 2")]
    [InlineData("lm_head", float.NaN, "the output head")]
    [InlineData("lm_head", 1e38f, "the output head")]
    [InlineData("model.embed_tokens.weight", 1e30f, "layer 0")]
    [InlineData("model.layers.1.mlp.gate.e_score_correction_bias", float.NaN, "layer 1")]
    public async Task Logits_that_are_not_finite_are_never_sampled(string block, float value, string part)
    {
        RunPlan plan = Plan(2, 2, 1);
        using IBackend backend = new CpuBackend();
        using var memory = new InferenceMemory(plan, new InferenceOptions(SlotsPerRank: 1, MaxLength), backend, () => new HostLink(), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 3);
        memory.Weights.Blocks.Single(one => one.Name == block).Values.AsSpan<float>().Fill(value);
        memory.Weights.Prepare(memory.Stream);
        using ActorSystem system = ActorSystem.Create("serving");
        ServingRun run = ServingRun.Start(system, memory);

        // Twice: the failed request gives its slot back.
        for (int i = 0; i < 2; i++)
        {
            var failed = await run.Gateway.Ask<InferenceFailed>(new Infer([1, 2, 3], 1), TestContext.Timeout());
            Assert.Equal(
                $"the logits after 3 tokens are not finite, first seen in the output of {part}: the model's values are damaged or too large for float32",
                failed.Reason);
        }

        await system.Terminate();
    }

    /// <summary>An embedding of one token is damaged: a sequence without it goes on beside one that gets it.</summary>
    [Fact]
    public async Task Only_the_sequence_whose_logits_are_not_finite_fails()
    {
        RunPlan plan = Plan(1, 2, 1);
        using IBackend backend = new CpuBackend();
        using var memory = new InferenceMemory(plan, new InferenceOptions(SlotsPerRank: 2, MaxLength), backend, () => new HostLink(), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 3);
        List<int> expected = SerialAnswer(backend, plan, [1, 2, 3], 9);
        int damaged = Enumerable.Range(0, plan.Model.VocabularySize).First(token => token > 3 && !expected.Contains(token));
        memory.Weights.Embedding!.Values.RowSpan<float>(damaged).Fill(float.NaN);
        using ActorSystem system = ActorSystem.Create("serving");
        ServingRun run = ServingRun.Start(system, memory);

        Task<List<int>> sound = Ask(system, run, new Infer([1, 2, 3], MaxTokens: 9));
        Task<List<int>> wrong = Ask(system, run, new Infer([1, damaged], MaxTokens: 9));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => wrong.WaitAsync(TestContext.Timeout()));
        Assert.Contains("the logits after 2 tokens are not finite, first seen in the output of the embedding", failure.Message, StringComparison.Ordinal);
        Assert.Equal(expected, await sound.WaitAsync(TestContext.Timeout()));
        await system.Terminate();
    }

    [Fact]
    public async Task Any_of_several_end_tokens_ends_an_answer()
    {
        RunPlan plan = Plan(1, 1, 1);
        using IBackend backend = new CpuBackend();
        using var memory = new InferenceMemory(plan, new InferenceOptions(1, MaxLength), backend, () => new HostLink(), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 3);
        using ActorSystem system = ActorSystem.Create("serving");
        ServingRun run = ServingRun.Start(system, memory);
        List<int> answer = SerialAnswer(backend, plan, [1, 2, 3], 9);
        int end = answer.FindIndex(token => token != answer[0]);

        List<int> ended = await Ask(system, run, new Infer([1, 2, 3], MaxTokens: 9) { EndTokens = [63, answer[end], 62] });

        Assert.Equal(answer[..(end + 1)], ended);
        await system.Terminate();
    }

    private static RunPlan Plan(int pipelineRanks, int expertRanks, int ranksPerNode) => new()
    {
        Model = TestModels.Small(),
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = ranksPerNode,
        Sequences = 1,
        SequenceLength = 1,
        Fabric = new FabricSettings(1, 8, 2),
    };

    private static async Task<List<int>> Ask(ActorSystem system, ServingRun run, Infer request)
    {
        var done = new TaskCompletionSource<List<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Asker(run.Gateway, request, done)));
        return await done.Task;
    }

    private static List<int> SerialAnswer(IBackend backend, RunPlan plan, int[] prompt, int tokens)
    {
        using IStream stream = backend.CreateStream("serial");
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        weights.Initialize(stream, seed: 3);
        using var model = new SerialModel(
            backend, stream, weights, plan.ExpertPlacement(), new SerialOptions(1, 1, MaxLength, ActivationMode.ForwardOnly));
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

    private sealed class Asker : UntypedActor
    {
        private readonly List<int> _tokens = [];
        private readonly TaskCompletionSource<List<int>> _done;

        public Asker(IActorRef gateway, Infer request, TaskCompletionSource<List<int>> done)
        {
            _done = done;
            gateway.Tell(request, Self);
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case TokenGenerated token:
                    _tokens.Add(token.Token);
                    break;
                case InferenceEnded:
                    _done.TrySetResult(_tokens);
                    break;
                default:
                    _done.TrySetException(new InvalidOperationException(message.ToString()));
                    break;
            }
        }
    }
}

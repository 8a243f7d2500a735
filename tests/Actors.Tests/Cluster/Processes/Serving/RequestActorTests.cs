using System.Collections.Immutable;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Serving;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes.Serving;

/// <summary>What a caller, its leader and gateways see of a request. The test's own actor is the leader.</summary>
public sealed class RequestActorTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);
    private readonly Kit _kit = new();
    private readonly TestProbe _caller;
    private readonly TestProbe _gateway;

    public RequestActorTests() => (_caller, _gateway) = (_kit.CreateTestProbe(), _kit.CreateTestProbe());

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task A_prompt_that_comes_in_pieces_is_whole_before_the_leader_hears_of_it()
    {
        IActorRef request = Begin(Asked(7, 0, 1, 2, 3));

        request.Tell(new PromptPiece("id", 4, [9, 9, 9]), _caller); // leaves a gap
        request.Tell(new PromptPiece("id", 3, [4, 5, 6, 7, 8]), _caller); // more than there are
        request.Tell(new PromptPiece("id", 0, [9]), _caller); // has come
        request.Tell(new PromptPiece("id", 3, [4, 5]), _caller);
        await _kit.ExpectNoMsgAsync(TimeSpan.Zero);
        request.Tell(new PromptPiece("id", 5, [6, 7]), _caller);
        await _kit.ExpectMsgAsync(new RequestReady("id"));

        Assert.Equal([3, 3, 3, 5, 7], await StandingsAsync(5));
        Infer asked = await AskedOfAsync(request, _gateway);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], asked.Prompt.ToArray());
    }

    [Fact]
    public async Task Tokens_are_numbered_and_come_again_from_where_the_caller_lacks_them()
    {
        IActorRef request = await RunningAsync(Asked(1, 0, 1));
        Generate(request, 10, 11, 12);
        request.Tell(new InferenceEnded(EndReason.MaxTokens, 3, 1, 2), _gateway);
        Assert.Equal([(0, 10), (1, 11), (2, 12)], [await TokenAsync(), await TokenAsync(), await TokenAsync()]);
        await _caller.ExpectMsgAsync<InferenceEnded>();
        await _kit.ExpectMsgAsync(new RequestOver("id", HasFailed: false));

        request.Tell(new RenewInference("id", 1), _caller);

        await _caller.ExpectMsgAsync<InferenceStanding>();
        AnswerTokens again = await _caller.ExpectMsgAsync<AnswerTokens>();
        Assert.Equal((1, 11, 12), (again.At, again.Tokens[0], again.Tokens[1]));
        Assert.Equal(new InferenceEnded(EndReason.MaxTokens, 3, 1, 2), await _caller.ExpectMsgAsync<InferenceEnded>());
    }

    [Fact]
    public async Task When_its_gateway_is_lost_the_next_goes_on_behind_the_last_token()
    {
        IActorRef request = await RunningAsync(Asked(1, 0, 1));
        Generate(request, 10, 11);
        request.Tell(new GatewayLost("a process is lost"), _kit.TestActor);
        Generate(request, 99); // of the one that was lost
        TestProbe next = _kit.CreateTestProbe();

        Infer asked = await AskedOfAsync(request, next);
        request.Tell(new TokenGenerated(12), next);

        Assert.Equal([10, 11], asked.Answered.ToArray());
        Assert.Equal([(0, 10), (1, 11)], [await TokenAsync(), await TokenAsync()]);
        Assert.Contains("a process is lost; the answer goes on behind 2 tokens", (await _caller.ExpectMsgAsync<RunNotice>()).Text, StringComparison.Ordinal);
        await _caller.ExpectMsgAsync<RunNotice>();
        Assert.Equal((2, 12), await TokenAsync());
    }

    [Fact]
    public async Task A_caller_that_asks_a_new_leader_brings_the_answer_so_far()
    {
        IActorRef request = Begin(Asked(2, 3, 1, 2, 10, 11, 12));
        await _kit.ExpectMsgAsync<RequestReady>();

        Infer asked = await AskedOfAsync(request, _gateway);
        Generate(request, 13);

        Assert.Equal([1, 2], asked.Prompt.ToArray());
        Assert.Equal([10, 11, 12], asked.Answered.ToArray());
        await _caller.ExpectMsgAsync<RunNotice>();
        Assert.Equal((3, 13), await TokenAsync());
    }

    [Fact]
    public async Task A_caller_that_is_silent_for_the_lease_gives_its_slot_back()
    {
        IActorRef request = await RunningAsync(Asked(1, 0, 1));
        _kit.Watch(request);
        _kit.Pass(Lease - TimeSpan.FromSeconds(1));
        request.Tell(new RenewInference("id", 0), _caller);
        _kit.Pass(Lease - TimeSpan.FromSeconds(1));
        await _gateway.ExpectNoMsgAsync(TimeSpan.Zero);

        _kit.Pass(Lease);

        await _gateway.ExpectMsgAsync<StopInference>();
        await _kit.ExpectTerminatedAsync(request);
    }

    [Fact]
    public async Task Anybody_may_end_it_and_who_has_the_end_has_it_forgotten()
    {
        IActorRef request = await RunningAsync(Asked(1, 0, 1));
        TestProbe other = _kit.CreateTestProbe();
        _kit.Watch(request);

        request.Tell(new CancelInference("id"), other);
        await other.ExpectMsgAsync<InferenceStanding>();
        await _gateway.ExpectMsgAsync<StopInference>();
        request.Tell(new InferenceEnded(EndReason.Stopped, 0, 0, 0), _gateway);
        await _caller.ExpectMsgAsync<InferenceEnded>();
        await _kit.ExpectMsgAsync<RequestOver>();
        request.Tell(new CancelInference("id"), _caller);

        await _kit.ExpectTerminatedAsync(request);
    }

    [Fact]
    public async Task A_request_that_waits_for_a_gateway_ends_at_once()
    {
        IActorRef request = Begin(Asked(1, 0, 1));
        await _kit.ExpectMsgAsync<RequestReady>();

        request.Tell(new CancelInference("id"), _caller);

        Assert.Equal(new InferenceEnded(EndReason.Stopped, 0, 0, 0), await _caller.ExpectMsgAsync<InferenceEnded>());
    }

    [Theory]
    [InlineData(0, 0, "the prompt is empty")]
    [InlineData(-1, 0, "the prompt is empty")]
    [InlineData(5, -1, "the prompt is empty")]
    [InlineData(24, 0, "the prompt has 24 tokens; with the answer a sequence may have 24")]
    [InlineData(int.MaxValue, 0, "the prompt has 2147483647 tokens")]
    [InlineData(20, 5, "the prompt and the answer so far have 25 tokens; a sequence may have 24")]
    [InlineData(20, int.MaxValue, "a sequence may have 24")]
    public async Task Counts_that_no_sequence_has_are_refused_before_a_token_is_kept(int prompt, int known, string reason)
    {
        Begin(Asked(prompt, known, 1, 2));

        Assert.Contains(reason, (await _caller.ExpectMsgAsync<InferenceRefused>()).Reason, StringComparison.Ordinal);
        await _kit.ExpectMsgAsync<RequestOver>();
    }

    private static BeginInference Asked(int prompt, int known, params int[] first) => new("id", "/runs/one", prompt, known, [.. first], 20, 0.5, 0.9, 42);

    private IActorRef Begin(BeginInference asked)
    {
        var limits = new InferenceOptions(2, 24, 8) { StallTimeout = ActorKit.StallTimeout };
        TestProbe caller = _caller;
        TimeProvider time = _kit.Clock;
        return _kit.ChildActorOf(Props.Create(() => new RequestActor(asked, caller.Ref, ImmutableArray<string>.Empty, limits, Lease, time)));
    }

    private async Task<IActorRef> RunningAsync(BeginInference asked)
    {
        IActorRef request = Begin(asked);
        await _kit.ExpectMsgAsync<RequestReady>();
        await AskedOfAsync(request, _gateway);
        await _caller.ExpectMsgAsync<RunNotice>();
        return request;
    }

    private async Task<Infer> AskedOfAsync(IActorRef request, TestProbe gateway)
    {
        request.Tell(new GatewayFound(gateway, [3], "answered by one"), _kit.TestActor);
        Infer asked = await gateway.ExpectMsgAsync<Infer>();
        Assert.Equal([3], asked.EndTokens.ToArray());
        return asked;
    }

    private void Generate(IActorRef request, params int[] tokens) => Array.ForEach(tokens, token => request.Tell(new TokenGenerated(token), _gateway));

    private async Task<(int, int)> TokenAsync()
    {
        AnswerTokens tokens = await _caller.ExpectMsgAsync<AnswerTokens>();
        return (tokens.At, Assert.Single(tokens.Tokens));
    }

    private async Task<List<int>> StandingsAsync(int count)
    {
        var received = new List<int>();
        for (int i = 0; i < count; i++)
        {
            received.Add((await _caller.ExpectMsgAsync<InferenceStanding>()).Received);
        }

        return received;
    }

    private sealed class Kit() : ActorKit(isStepwise: true)
    {
        public TimeProvider Clock => Time;
    }
}

using System.Collections.Immutable;
using Actors.Model.Layers;
using Actors.Model.Placement;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Results;
using Actors.Schedules;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>
/// A run's actors in one process: its nodes and its coordinator, over one data plane. What ranks keep between steps is read from them by
/// message.
/// </summary>
public sealed class ActorRun
{
    private readonly RunPlan _plan;
    private readonly StageLayout _layout;
    private readonly Timetable _timetable;
    private readonly Lazy<IReadOnlyList<BlockHome>> _homes;
    private readonly ResultClient _results;

    private ActorRun(RunPlan plan, StageLayout layout, Timetable timetable, IActorRef coordinator, TimeSpan stallTimeout)
    {
        (_plan, _layout, _timetable, Coordinator) = (plan, layout, timetable, coordinator);
        _homes = new Lazy<IReadOnlyList<BlockHome>>(() => BlockHome.Of(plan, layout, timetable.Placement));
        _results = new ResultClient(coordinator, stallTimeout);
    }

    /// <summary>Takes <see cref="Train"/>, <see cref="RunBatch"/>, <see cref="MeasureHeldOut"/>, <see cref="StopTraining"/> and <see cref="ReadResult"/>.</summary>
    public IActorRef Coordinator { get; }

    /// <summary>Makes a node actor for each node of the plan, and the coordinator, which places the ranks.</summary>
    /// <param name="system">Where they live.</param>
    /// <param name="host">What lives in this process; dispose it after the system has terminated.</param>
    /// <param name="options">How to train.</param>
    public static ActorRun Start(ActorSystem system, TrainingHost host, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        host.Open(options.Batches, options.StallTimeout);
        ImmutableArray<IActorRef> nodes = RunNodes.Start(system, host, "node");
        IActorRef saver = system.ActorOf(Props.Create(() => new BlockSaverActor(host, 0, 0)), "saver");
        ImmutableArray<RunProcess> processes = [new RunProcess([.. Enumerable.Range(0, host.Plan.Nodes)], saver)];
        IActorRef coordinator = system.ActorOf(
            Props.Create(() => new CoordinatorActor(host.Plan, host.Catalog, options, host.Telemetry, nodes, processes)), "coordinator");
        return new ActorRun(host.Plan, host.Layout, host.TrainingTimetable, coordinator, options.StallTimeout);
    }

    /// <summary>Runs a batch and waits for its end.</summary>
    /// <exception cref="InvalidOperationException">The run failed; the message says why.</exception>
    public Task<BatchCompleted> RunAsync(RunBatch batch, CancellationToken cancellation = default) => AskAsync<BatchCompleted>(batch, cancellation);

    /// <summary>The mean loss over the held-out text, nats a token; null where nothing is held out, or <see cref="StopTraining"/> came.</summary>
    /// <exception cref="InvalidOperationException">The run failed; the message says why.</exception>
    public async Task<double?> MeasureHeldOutAsync(CancellationToken cancellation = default) =>
        (await AskAsync<HeldOutMeasured>(new MeasureHeldOut(), cancellation).ConfigureAwait(false)).Loss;

    /// <summary>The trained blocks of the model, in model order.</summary>
    public IEnumerable<BlockHome> TrainedBlocks => _homes.Value.Where(home => home.IsTrained);

    /// <summary>The gradient of a block in the last batch that computed gradients, summed over all ranks.</summary>
    /// <exception cref="InvalidOperationException">The run failed, or the owner does not answer; the message says so.</exception>
    public Task<float[]> ReadGradientAsync(BlockHome block, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(block);
        return _results.ReadAsync<float>(block.Count, (first, count) => new ReadGradient(block.Rank, block.Number, first, count), cancellation);
    }

    /// <summary>Logits of one sequence of the last capturing batch (length − depth, vocabulary).</summary>
    /// <param name="sequence">Number in the batch.</param>
    /// <param name="depth">0: of the model; k: of prediction module k, at the places whose token k further lies in the sequence.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">The run failed, nothing was captured, or the rank does not answer; the message says so.</exception>
    public Task<float[]> ReadLogitsAsync(int sequence, int depth = 0, CancellationToken cancellation = default)
    {
        (int rank, int microBatch, int place) = Locate(sequence, _plan.Stages - 1);
        (long start, long size) = RowsOf(place, depth, _plan.Model.VocabularySize);
        return _results.ReadAsync<float>(size, (first, count) => new ReadLogits(rank, depth, microBatch, start + first, count), cancellation);
    }

    /// <summary>Expert choices of one sequence of the last capturing batch in a layer with experts (length, K), or in a prediction module's (length − depth, K).</summary>
    /// <param name="layer">Layer of the model; those of modules last.</param>
    /// <param name="sequence">Number in the batch.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">The run failed, nothing was captured, or the rank does not answer; the message says so.</exception>
    public Task<int[]> ReadExpertsAsync(int layer, int sequence, CancellationToken cancellation = default)
    {
        (int rank, int microBatch, int place) = Locate(sequence, _layout.StageOfLayer(layer));
        (long start, long size) = RowsOf(place, _plan.Model.ModuleOf(layer), _plan.Model.ExpertsPerToken);
        return _results.ReadAsync<int>(size, (first, count) => new ReadExperts(rank, layer, microBatch, start + first, count), cancellation);
    }

    /// <summary>What the ranks have traced.</summary>
    /// <exception cref="InvalidOperationException">The run failed, or a rank does not answer; the message says so.</exception>
    public async Task<RunTrace> ReadTraceAsync(CancellationToken cancellation = default)
    {
        var ranks = ImmutableArray.CreateBuilder<RankTrace>(_plan.Ranks);
        for (int rank = 0; rank < _plan.Ranks; rank++)
        {
            var events = ImmutableArray.CreateBuilder<TraceEvent>();
            EventsRead read;
            do
            {
                read = await _results.AskAsync<EventsRead>(new ReadTrace(rank, events.Count), cancellation).ConfigureAwait(false);
                events.AddRange(read.Events);
            }
            while (events.Count < read.Kept);
            ranks.Add(new RankTrace(events.DrainToImmutable(), read.Dropped));
        }

        return new RunTrace(_plan, ranks.MoveToImmutable());
    }

    /// <summary>What all ranks together have moved.</summary>
    /// <exception cref="InvalidOperationException">The run failed, or a rank does not answer; the message says so.</exception>
    public async Task<RankTraffic> ReadTrafficAsync(CancellationToken cancellation = default)
    {
        var sum = new RankTraffic(default, default, default);
        for (int rank = 0; rank < _plan.Ranks; rank++)
        {
            sum += await _results.AskAsync<RankTraffic>(new ReadTraffic(rank), cancellation).ConfigureAwait(false);
        }

        return sum;
    }

    private async Task<T> AskAsync<T>(object request, CancellationToken cancellation)
    {
        object answer = await Coordinator.Ask<object>(request, cancellation).ConfigureAwait(false);
        return answer switch
        {
            T completed => completed,
            RunFailed failed => throw new InvalidOperationException(failed.Reason),
            _ => throw new InvalidOperationException($"The coordinator answered {answer.GetType().Name} to {request.GetType().Name}."),
        };
    }

    /// <summary>First element and number of elements of a sequence's rows at which a depth reads a token, in those of its chunk.</summary>
    private (long Start, long Size) RowsOf(int place, int depth, int columns) =>
        ((long)place * _plan.SequenceLength * columns, (long)PredictionTokens.TargetsOf(_plan.SequenceLength, depth) * columns);

    /// <summary>The rank that has played a stage for a sequence, the micro-batch, and the sequence's place in the chunk.</summary>
    private (int Rank, int MicroBatch, int Place) Locate(int sequence, int stage)
    {
        BatchPlan batch = _plan.CutOf(_plan.Sequences);
        for (int m = 0; m < batch.MicroBatches; m++)
        {
            for (int e = 0; e < batch.SourceRanks; e++)
            {
                for (int i = 0; i < batch.CountOf(m, e); i++)
                {
                    if (batch.SequenceOf(m, e, i) == sequence % batch.Sequences)
                    {
                        return (_plan.RankOf(sequence / batch.Sequences, _timetable.Placement.RankOf(stage, m), e), m, i);
                    }
                }
            }
        }

        throw new ArgumentOutOfRangeException(nameof(sequence), sequence, $"A batch has {_plan.Sequences} sequences.");
    }
}

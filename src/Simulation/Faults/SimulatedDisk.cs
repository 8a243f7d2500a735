using System.Globalization;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>
/// The folder of a run on a disk that all processes see, by the rules of <see cref="RunFolder"/>: one process holds it, a checkpoint is
/// written beside and gets its name when it is whole, the last two are kept. It can be full, and a crash tears what was being written.
/// </summary>
internal sealed class SimulatedDisk
{
    private const string Prefix = "step-", Unfinished = ".tmp";
    private const string Full = "No space left on device";
    private readonly SortedDictionary<int, SavedState> _whole = [];
    private readonly Sabotage? _sabotage;
    private SavedState? _begun;
    private SimulatedProcess? _holder;
    private string? _run;

    public SimulatedDisk(Sabotage? sabotage) => _sabotage = sabotage;

    /// <summary>Whether it takes nothing.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether every checkpoint is kept.</summary>
    public bool KeepsAll { get; init; }

    /// <summary>Is told of each checkpoint that is begun.</summary>
    public Action? Begins { get; set; }

    /// <summary>Is told of each checkpoint that gets its name.</summary>
    public Action<SavedState>? Committed { get; set; }

    /// <summary>Whole checkpoints by step.</summary>
    public IReadOnlyDictionary<int, SavedState> Whole => _whole;

    /// <summary>Step of the newest checkpoint; null: there is none.</summary>
    public int? Newest => _whole.Count == 0 ? null : _whole.Keys.Max();

    /// <summary>The name of a checkpoint.</summary>
    public static string NameOf(int step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}");

    /// <summary>Takes the folder for a run.</summary>
    /// <exception cref="CheckpointException">Another process holds it.</exception>
    public void Take(SimulatedProcess process, TrainRun order)
    {
        if (_holder is not null)
        {
            throw new CheckpointException(order.OutputFolder, $"another run (process {_holder.Name}) writes to it: wait until that run has ended");
        }

        (_holder, _run) = (process, order.Run);
    }

    /// <summary>Lets another process take it.</summary>
    public void Release(SimulatedProcess process)
    {
        if (_holder == process)
        {
            (_holder, _run) = (null, null);
        }
    }

    /// <summary>A process has ended: its lock is gone, and what it was writing is torn.</summary>
    public void Crash(SimulatedProcess process)
    {
        _begun?.Tear(process);
        if (_holder == process)
        {
            _holder = null;
        }
    }

    /// <summary>What a process has written is safe.</summary>
    public void Sync(SimulatedProcess process) => _begun?.Sync(process);

    /// <summary>Begins a checkpoint.</summary>
    public string Begin(int step)
    {
        Begins?.Invoke();
        RequireRoom(step);
        if (_whole.ContainsKey(step))
        {
            throw Unwritten(step, $"{NameOf(step)} is in its place, and this run did not write it");
        }

        _begun = new SavedState(step);
        return NameOf(step) + Unfinished;
    }

    /// <summary>Writes a process's blocks.</summary>
    public void Write(SimulatedProcess process, string folder, IStream stream, IEnumerable<ParameterBlock> blocks, IReadOnlyList<TrainedBlock> moments)
    {
        if (_begun is null || folder != NameOf(_begun.Step) + Unfinished)
        {
            throw new CheckpointException(folder, "is not there: all processes of a run need the same disk; name a folder on it with --out");
        }

        if (IsFull)
        {
            throw new IOException(Full);
        }

        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        foreach (ParameterBlock block in blocks)
        {
            TrainedBlock? trained = byBlock.GetValueOrDefault(block);
            _begun.Write(process, block.Name, new SavedBlock(
                SavedBlock.Read(stream, block.Values), trained is null ? [] : SavedBlock.Read(stream, trained.First), trained is null ? [] : SavedBlock.Read(stream, trained.Second)));
        }
    }

    /// <summary>Gives a checkpoint its name.</summary>
    public string Commit(int step)
    {
        if (_begun?.Step != step)
        {
            throw Unwritten(step, "it was removed while it was written");
        }

        RequireRoom(step);
        if (_sabotage == Sabotage.DamagedCheckpoint)
        {
            _begun.Blocks.First().Value.Values[0] += 1;
        }

        _whole.Add(step, _begun);
        Committed?.Invoke(_begun);
        _begun = null;
        while (!KeepsAll && _whole.Count > RunFolder.Kept)
        {
            _whole.Remove(_whole.Keys.Min());
        }

        return NameOf(step);
    }

    /// <summary>Gives up a checkpoint.</summary>
    public string Abandon(int step, string reason)
    {
        _begun = _begun?.Step == step ? null : _begun;
        return Unwritten(step, reason).Message;
    }

    /// <summary>Fills a share from a checkpoint, or afresh.</summary>
    public void Load(TrainingHost host, PrepareShare order, ulong weightSeed)
    {
        if (_run != order.Order.Run)
        {
            throw new CheckpointException(order.Order.OutputFolder, "is not the folder that the leader holds: all processes need the same disk there");
        }

        SavedState? state = order.Checkpoint is null ? null : _whole.Values.FirstOrDefault(whole => NameOf(whole.Step) == order.Checkpoint)
            ?? throw new CheckpointException(order.Checkpoint, "is not there");
        foreach ((IStream stream, ModelWeights weights) in host.Parts())
        {
            if (state is null)
            {
                weights.Initialize(stream, weightSeed);
            }
            else
            {
                foreach (ParameterBlock block in weights.Blocks)
                {
                    SavedBlock.Write(stream, state.Blocks[block.Name].Values, block.Values);
                }
            }

            weights.Prepare(stream);
        }

        if (_sabotage != Sabotage.EmptyCopy)
        {
            LoadCopies(host, state, weightSeed);
        }

        if (state is not null)
        {
            LoadMoments(host.Parts()[0].Stream, state, [.. host.Moments(), .. host.CopiedMoments()]);
        }
    }

    private static void LoadCopies(TrainingHost host, SavedState? state, ulong weightSeed)
    {
        (IStream stream, IReadOnlyList<ParameterBlock> copies) = host.Copies();
        foreach (ParameterBlock copy in copies)
        {
            if (state is null)
            {
                copy.Initialize(stream, host.Plan.Model.InitializerRange, weightSeed);
            }
            else
            {
                SavedBlock.Write(stream, state.Blocks[copy.Name].Values, copy.Values);
            }
        }
    }

    private static void LoadMoments(IStream stream, SavedState state, IEnumerable<TrainedBlock> moments)
    {
        foreach (TrainedBlock moment in moments)
        {
            SavedBlock.Write(stream, state.Blocks[moment.Block.Name].First, moment.First);
            SavedBlock.Write(stream, state.Blocks[moment.Block.Name].Second, moment.Second);
        }
    }

    private void RequireRoom(int step)
    {
        if (IsFull)
        {
            throw Unwritten(step, Full);
        }
    }

    private static CheckpointException Unwritten(int step, string reason) =>
        new(NameOf(step), $"cannot be written: {reason}; earlier checkpoints are untouched: make room, or name another folder with --out", new IOException(reason));
}

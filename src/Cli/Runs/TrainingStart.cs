using Actors.Cli.Outputs;
using Actors.Cli.Requests;
using Actors.Model;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;
using Actors.Tensors.Quantized;
using Microsoft.Extensions.Logging;

namespace Actors.Cli.Runs;

/// <summary>
/// A training run before its first step: its model, the folder that it holds, and the checkpoint that it goes on from. Both ways of
/// training begin with it, load and save through it.
/// </summary>
internal sealed class TrainingStart : ICheckpointFolder, IDisposable
{
    private readonly TrainRequest _request;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RunFolder _folder;
    private readonly RunState? _resumed;
    private readonly CarriedFiles _carried;
    private readonly long _checkpointBytes;

    private TrainingStart(
        Composition composition, TrainRequest request, ModelSource source, RunState? resumed, CarriedFiles carried, RunFolder folder)
    {
        _request = request;
        _time = composition.Time;
        _log = composition.Telemetry.Loggers.CreateLogger(RunLog.Component);
        _resumed = resumed;
        _folder = folder;
        _carried = carried;
        _checkpointBytes = TrainingCheckpoint.Bytes(
            source.Config, request.Settings.Training.Optimizer.Moments, request.Settings.Training.Average is not null);
        Source = source;
        Checkpoint = resumed is null ? null : source.Folder;
    }

    /// <summary>The model.</summary>
    public ModelSource Source { get; }

    /// <summary>The checked file of the trace; null where none is written.</summary>
    public OutputFile? TraceFile { get; private init; }

    /// <summary>Steps behind the run.</summary>
    public int Step => _resumed?.Step ?? 0;

    /// <summary>The newest checkpoint of the run; null: there is none.</summary>
    public string? Checkpoint { get; private set; }

    /// <inheritdoc/>
    public int? SavedStep { get; private set; }

    /// <summary>Where to go on from after a failure, for its message.</summary>
    public string LastGood => Checkpoint is null
        ? "no checkpoint had been written: set actors.training.checkpoint-every-steps"
        : $"the last good checkpoint is {Checkpoint}";

    /// <summary>Checks that the model fits placement and text, and takes the places of results, so that nothing is lost at the end.</summary>
    /// <exception cref="UsageException">It was asked for something impossible.</exception>
    public static TrainingStart Open(Composition composition, TrainRequest request, IRunProgress progress)
    {
        SayLeftOut(request.Corpus.LeftOut, progress);
        ModelSource source = ModelSource.Of(request.Settings, request.ResumeFolder);
        SayUnquantized(source.Config, request.Settings.Training.Precision, progress);
        RunState? resumed = request.ResumeFolder is null ? null : RunState.Read(source.Folder!);
        if (resumed is not null)
        {
            ResumeRules.Check(request, source, resumed, progress);
        }
        else if (source.Folder is not null)
        {
            source.SayUnusedKeys(request.Settings, progress);
        }

        if (source.Folder is not null)
        {
            CheckedSettings.Check(request.Settings, source.Config);
            request.Corpus.Require(request.Settings.Training.SequenceLength, source.Config.VocabularySize);
        }

        OutputFile? traceFile = request.TraceFile is { } trace ? OutputFile.Of("--trace", trace, InputsOf(request, source)) : null;
        CarriedFiles carried = CarriedFiles.Read(source.Folder).With(request.Corpus.Tokenizer);
        RunFolder folder = resumed is not null && request.IsFolderGiven ? RunFolder.Continue(request.OutputFolder, source.Folder!, resumed)
            : request.IsFolderGiven ? RunFolder.Start(request.OutputFolder)
            : RunFolder.StartBeside(request.OutputFolder);
        var start = new TrainingStart(composition, request, source, resumed, carried, folder) { TraceFile = traceFile };
        try
        {
            start.RequireDisk();
        }
        catch
        {
            start.Dispose();
            throw;
        }

        if (!request.IsFolderGiven)
        {
            progress.Notice($"checkpoints: {folder.Folder}");
        }

        return start;
    }

    /// <summary>Takes the folder of a cluster's run, and what it has written there before.</summary>
    /// <param name="composition">Clock and log.</param>
    /// <param name="request">What the process was started with.</param>
    /// <param name="run">Names the run.</param>
    /// <exception cref="Model.Checkpoint.CheckpointException">The folder is somebody else's, or the disk refuses.</exception>
    public static TrainingStart TakeOver(Composition composition, TrainRequest request, string run)
    {
        RunFolder folder = RunFolder.TakeOver(request.OutputFolder, run);
        try
        {
            RunState? written = folder.Newest is { } newest ? RunState.Read(newest) : null;
            ModelSource source = ModelSource.Of(request.Settings, folder.Newest);
            var start = new TrainingStart(composition, request, source, written, CarriedFiles.Read(source.Folder).With(request.Corpus.Tokenizer), folder) { SavedStep = written?.Step };
            start.RequireDisk();
            return start;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Fills a run's values: from the checkpoint, from the model's folder, or fresh.</summary>
    /// <param name="parts">The parts of the model, each after the stream that fills it.</param>
    /// <param name="moments">The trained blocks with their moments.</param>
    /// <param name="progress">Is told what is not read.</param>
    public void LoadValues(
        IReadOnlyList<(IStream Stream, ModelWeights Weights)> parts, Func<IReadOnlyList<TrainedBlock>> moments, IRunProgress progress)
    {
        LoadValues(_resumed is null ? null : Source.Folder, Source, _request.Settings.Training.Seed, parts, moments, progress);
        SavedStep = _resumed?.Step ?? SavedStep;
    }

    /// <summary>Fills values: from a checkpoint, from a model's folder, or fresh.</summary>
    /// <param name="checkpoint">The checkpoint's folder; null: there is none.</param>
    /// <param name="source">The model that a run without a checkpoint starts from.</param>
    /// <param name="seed">Decides fresh weights.</param>
    /// <param name="parts">The parts of the model, each after the stream that fills it.</param>
    /// <param name="moments">The trained blocks with their moments.</param>
    /// <param name="progress">Is told what is not read.</param>
    public static void LoadValues(
        string? checkpoint, ModelSource source, long seed, IReadOnlyList<(IStream Stream, ModelWeights Weights)> parts,
        Func<IReadOnlyList<TrainedBlock>> moments, IRunProgress progress)
    {
        if (checkpoint is not null)
        {
            TrainingCheckpoint.LoadModel(checkpoint, parts);
            TrainingCheckpoint.LoadMoments(checkpoint, parts[0].Stream, moments());
        }
        else if (source.Folder is not null)
        {
            ModelSource.Load(source.Folder, parts, progress);
        }
        else
        {
            foreach ((IStream stream, ModelWeights weights) in parts)
            {
                weights.Initialize(stream, (ulong)seed);
            }
        }

        TrainingCheckpoint.LoadAverages(checkpoint, parts[0].Stream, moments());
    }

    /// <summary>Fills copies of blocks as <see cref="LoadValues(string?, ModelSource, long, IReadOnlyList{ValueTuple{IStream, ModelWeights}}, Func{IReadOnlyList{TrainedBlock}}, IRunProgress)"/> fills those of the model, after it.</summary>
    public static void LoadCopies(
        string? checkpoint, ModelSource source, long seed, (IStream Stream, IReadOnlyList<ParameterBlock> Blocks) copies, IReadOnlyList<TrainedBlock> moments)
    {
        if ((checkpoint ?? source.Folder) is { } folder)
        {
            TrainingCheckpoint.LoadBlocks(folder, copies.Stream, copies.Blocks);
        }
        else
        {
            foreach (ParameterBlock block in copies.Blocks)
            {
                block.Initialize(copies.Stream, source.Config.InitializerRange, (ulong)seed);
            }
        }

        if (checkpoint is not null)
        {
            TrainingCheckpoint.LoadMoments(checkpoint, copies.Stream, moments);
        }

        TrainingCheckpoint.LoadAverages(checkpoint, copies.Stream, moments);
    }

    /// <summary>Writes a checkpoint in this thread and logs it, unless that of the step is there.</summary>
    public void Save(int step, IStream stream, IEnumerable<ParameterBlock> blocks, IReadOnlyList<TrainedBlock> moments)
    {
        if (step == SavedStep)
        {
            return;
        }

        long started = _time.GetTimestamp();
        var shares = CheckpointShares.Whole(Source.Config, _request.Settings.Training.Optimizer.Moments, _request.Settings.Training.Average is not null);
        Begin(step);
        _folder.Write(step, beside => TrainingCheckpoint.Write(beside, shares, 0, stream, blocks, moments));
        RunLog.CheckpointWritten(_log, step, Commit(step, shares), _time.GetElapsedTime(started).TotalSeconds);
    }

    /// <inheritdoc/>
    public string Begin(int step)
    {
        TrainingSettings training = _request.Settings.Training;
        var state = new RunState(step)
        {
            Run = _folder.Run,
            StartedFrom = _resumed is not null ? _resumed.StartedFrom : _request.Settings.Model.Path is { } model ? Path.GetFullPath(model) : null,
            Seed = training.Seed,
            BatchSequences = training.BatchSequences,
            Tokens = training.PlanBatches().PositionOf(step + 1).TokensBefore,
            SequenceLength = training.SequenceLength,
            TextBytes = _request.Corpus.TrainingSize,
        };
        string beside = _folder.Begin(step);
        _folder.Write(step, folder =>
        {
            if (DiskSpace.Missing(folder, _checkpointBytes) is { } missing)
            {
                throw new IOException(missing);
            }

            TrainingCheckpoint.Begin(folder, state, Source.Hub);
        });
        return beside;
    }

    /// <inheritdoc/>
    public string Commit(int step, CheckpointShares shares)
    {
        _folder.Write(step, beside =>
        {
            TrainingCheckpoint.Complete(beside, shares);
            _carried.Write(beside);
            if (shares.HasAverage)
            {
                _carried.Write(Path.Combine(beside, TrainingCheckpoint.AverageFolder));
            }
        });
        Checkpoint = _folder.Commit(step);
        SavedStep = step;
        return Checkpoint;
    }

    /// <inheritdoc/>
    public string Abandon(int step, string reason) => _folder.Abandon(step, new IOException(reason)).Message;

    /// <summary>The step at which training pauses for a checkpoint.</summary>
    public int NextStop(int step)
    {
        TrainingSettings training = _request.Settings.Training;
        int every = training.CheckpointEverySteps;
        return every == 0 ? training.Steps : (int)Math.Min(training.Steps, ((step / every) + 1L) * every);
    }

    /// <summary>Lets another run take the folder.</summary>
    public void Dispose() => _folder.Dispose();

    /// <summary>What a run reads: texts, the model or checkpoint, profiles with what they include.</summary>
    private static IEnumerable<string?> InputsOf(TrainRequest request, ModelSource source) =>
        [.. request.Settings.Data.Paths, source.Folder, .. request.Settings.Effective.Select(setting => setting.Origin.Source).Distinct()];

    /// <summary>Says which products of an FP8 run are not in FP8.</summary>
    private static void SayUnquantized(ModelConfig model, Precision precision, IRunProgress progress)
    {
        IReadOnlyList<(string Name, int Contracted)> matrices = UnquantizedMatrices.Of(model, precision);
        if (matrices.Count > 0)
        {
            progress.Notice(
                $"products of these matrices stay in bfloat16, since the elements that they sum over are no multiple of {TileCuts.TileElements}: "
                + string.Join("; ", matrices.Select(matrix => $"{matrix.Name} ({matrix.Contracted})")));
        }
    }

    private static void SayLeftOut(IReadOnlyList<string> leftOut, IRunProgress progress)
    {
        const int Named = 3;
        if (leftOut.Count > 0)
        {
            string more = leftOut.Count > Named ? $"; and {leftOut.Count - Named} more" : "";
            progress.Notice($"not in the text: {string.Join("; ", leftOut.Take(Named))}{more}");
        }
    }

    /// <summary>Refuses a disk without room for the checkpoints that will lie there at once: those that are kept, and one being written.</summary>
    private void RequireDisk()
    {
        int there = _folder.Count, most = there;
        for (int step = Step; step < _request.Settings.Training.Steps && most <= RunFolder.Kept; step = NextStop(step))
        {
            most++;
        }

        int written = Math.Max(1, most - there);
        if (DiskSpace.Missing(_folder.Folder, written * _checkpointBytes) is { } missing)
        {
            throw new UsageException(
                $"{_folder.Folder}: {missing} for {written} checkpoints at once: make room, or name a folder on another disk with --out DIR");
        }
    }
}

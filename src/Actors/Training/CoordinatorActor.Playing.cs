using System.Collections.Immutable;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training;

/// <summary>How the coordinator has a step played: pass after pass of the timetable, over which losses, loads and gradients accumulate.</summary>
public sealed partial class CoordinatorActor
{
    private void BeginStep(StepMode mode, bool capture)
    {
        _started = _options.Time.GetTimestamp();
        (_suspect, _isUpdating) = (null, false);
        _passes.Begin(IsTraining ? _step + 1 : null);
        _losses.Begin(_passes.StepSequences);
        _watch.Begin();
        Become(Stepping);
        Play(Pass(mode, _losses.Scales(Position), capture, checksFinite: capture));
    }

    private void Play(RunStep pass)
    {
        _playing = pass;
        _results.Reset();
        TellStages(pass);
    }

    private RunStep Pass(StepMode mode, ImmutableArray<float> lossScales, bool capture, bool checksFinite) => new(
        _step + 1, mode, _passes.Sequences, lossScales, mode == StepMode.Train ? _losses.BalanceScale : 0, capture, checksFinite, _batch is null ? null : new TokenBatch(_batch.Ids, _batch.Targets),
        _heldOut?.Batch, _passes.FirstSequence);

    private void Played()
    {
        if (!_results.HadRoom())
        {
            // Nothing has been updated: the same step again from its first pass, over windows that have become larger.
            CoordinatorLog.Repeating(_log, Work);
            _passes.Restart();
            _losses.Begin(_passes.StepSequences);
            Play(Pass(_playing!.Mode, _playing.LossScales, _playing.Capture, _playing.ChecksFinite));
            return;
        }

        int? part = _results.FirstNonFinitePart();
        if (_suspect is not null || part is not null)
        {
            string what = _suspect ?? "batch: what the model computes is not finite";
            GiveUp($"{what}, first seen in the output of {new StageLayout(_plan.Model, _plan.Stages).NameOfPart(part)}: {Advice}");
            return;
        }

        if (_losses.Take(_results) is { } flaw)
        {
            Suspect($"{Work}: {flaw}");
        }
        else if (_passes.TakeAndGoOn(_results))
        {
            Play(Pass(_playing!.Mode, _playing.LossScales, capture: false, checksFinite: false));
        }
        else if (_heldOut is not null)
        {
            AddHeldOut(_heldOut);
        }
        else if (_batch is { Gradients: false })
        {
            EndBatch();
        }
        else
        {
            TellStages(new ReduceGradients());
        }
    }

    /// <summary>Runs the pass's forward once more, looking at every layer's output.</summary>
    private void Suspect(string what)
    {
        _suspect = what;
        CoordinatorLog.LookingForLayer(_log, _step + 1, what);
        Play(Pass(StepMode.Evaluate, _losses.NoScales, capture: false, checksFinite: true));
    }
}

using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Training;

/// <summary>How the coordinator measures the held-out loss: batch after batch, of which the ranks draw their parts by its number.</summary>
public sealed partial class CoordinatorActor
{
    private void BeginHeldOut()
    {
        (_batch, _heldOut) = (null, new HeldOutSum());
        NextHeldOut(_heldOut);
    }

    private void NextHeldOut(HeldOutSum heldOut)
    {
        int left = (_options.Batches?.HeldOutSequences ?? 0) - (heldOut.Batch * _plan.Sequences);
        if (left <= 0 || heldOut.IsStopped)
        {
            bool isWhole = left <= 0 && heldOut.Targets > 0;
            _heldOut = null;
            _user.Tell(new HeldOutMeasured(_step, isWhole ? heldOut.Loss / heldOut.Targets : null), Self);
            BecomeIdle();
            return;
        }

        _options.Batches!.CountHeldOutTargets(heldOut.Batch * _plan.Sequences, Math.Min(left, _plan.Sequences), _plan.SequenceLength, _losses.Targets);
        BeginStep(StepMode.Evaluate, capture: false);
    }

    private void AddHeldOut(HeldOutSum heldOut)
    {
        CoordinatorLog.BatchCompleted(_log, _losses.Main, _losses.Targets[0]);
        heldOut.Loss += _losses.Main * _losses.Targets[0];
        heldOut.Targets += _losses.Targets[0];
        heldOut.Batch++;
        NextHeldOut(heldOut);
    }

    private void StopHeldOut()
    {
        if (_heldOut is { } heldOut)
        {
            heldOut.IsStopped = true;
        }
    }

    /// <summary>What has been read of the held-out text.</summary>
    private sealed class HeldOutSum
    {
        public int Batch { get; set; }

        public double Loss { get; set; }

        public long Targets { get; set; }

        public bool IsStopped { get; set; }
    }
}

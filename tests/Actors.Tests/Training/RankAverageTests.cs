using System.Reflection;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

public sealed class RankAverageTests
{
    /// <summary>A device that no longer answers must not keep a process from ending, nor may what it still writes be freed.</summary>
    [Fact]
    public void Freeing_an_average_waits_for_its_device_no_longer_than_the_limit()
    {
        using var backend = new StoppedBackend();
        using var weights = new ModelWeights(backend, TestModels.Small(), ModelPart.Whole(TestModels.Small(), new ExpertPlacement(16, 1, 1)));
        var average = new RankAverage(backend, weights.Blocks, new AverageOptions(0.5, EverySteps: 1), "rank 3") { Limit = TimeSpan.FromMilliseconds(20) };
        average.AfterUpdate(backend.CreateStream("stage"), step: 1);

        string message = Assert.Throws<TimeoutException>(average.Dispose).Message;

        Assert.Contains("rank 3", message, StringComparison.Ordinal);
        Assert.Contains("0.02 s (actors.watchdog.stall-timeout)", message, StringComparison.Ordinal);
    }

    /// <summary>A device whose streams never run.</summary>
    private sealed class StoppedBackend() : WrappedBackend(new CpuBackend())
    {
        public override IStream CreateStream(string name, bool isUrgent = false) => DispatchProxy.Create<IStream, StoppedStream>();
    }

    /// <summary>Takes every operation and runs none.</summary>
    public class StoppedStream : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }
}

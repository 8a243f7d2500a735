using Actors.LoadTests.Measuring;
using Akka.Actor;

namespace Actors.LoadTests.Tests;

public sealed class MeasuredSystemTests
{
    [Fact]
    public void Akka_logs_warnings_and_errors_only_and_nothing_to_standard_output()
    {
        using ActorSystem system = MeasuredSystem.Start("measured", 2);

        Assert.Equal(("WARNING", "OFF"), (system.Settings.LogLevel, system.Settings.StdoutLogLevel));
    }
}

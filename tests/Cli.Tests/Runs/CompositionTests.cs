using Actors.Cli.Runs;
using Actors.Gpu;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Tests.Runs;

public sealed class CompositionTests
{
    public static TheoryData<string> Backends() => [.. BackendSettings.Names];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Every_backend_that_settings_may_name_is_made_or_says_what_it_lacks(string name)
    {
        ActorsSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(null, [new ConfigurationOverride("test", "actors.backend.name", name)]));
        try
        {
            using OpenDevices devices = new Composition().Open(settings);

            Assert.StartsWith(name, devices.Name, StringComparison.Ordinal);
        }
        catch (CudaException missing) when (name == "cuda")
        {
            Assert.Contains("install", missing.Message, StringComparison.Ordinal);
        }
    }
}

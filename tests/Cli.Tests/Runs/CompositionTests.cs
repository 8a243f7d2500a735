using Actors.Cli.Runs;
using Actors.Runtime.Configuration;
using Actors.Tensors;

namespace Actors.Cli.Tests.Runs;

public sealed class CompositionTests
{
    public static TheoryData<string> Backends() => [.. BackendSettings.Names];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Every_backend_that_settings_may_name_is_made(string name)
    {
        using IBackend backend = Composition.MakeBackend(new BackendSettings(name, ChecksMemory: true));

        Assert.NotEmpty(backend.Name);
    }
}

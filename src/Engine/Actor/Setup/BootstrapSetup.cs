using Akka.Configuration;
using Akka.Util;

namespace Akka.Actor;

/// <summary>The configuration as part of what a system is started with.</summary>
public sealed class BootstrapSetup : Setup.Setup
{
    private BootstrapSetup(Option<Config> config) => Config = config;

    /// <summary>The configuration, if one is given.</summary>
    public Option<Config> Config { get; }

    /// <summary>A setup that says nothing.</summary>
    public static BootstrapSetup Create() => new(Option<Config>.None);

    /// <summary>The same with a configuration.</summary>
    public BootstrapSetup WithConfig(Config config) => new(new Option<Config>(config));

    /// <summary>The same with a configuration for what the present one leaves open.</summary>
    public BootstrapSetup WithConfigFallback(Config config) =>
        new(new Option<Config>(Config.HasValue ? Config.Value.WithFallback(config) : config));
}

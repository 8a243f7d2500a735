using System.CommandLine;
using Actors.Cli.BuiltIn;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary>How a subcommand takes its configuration: a profile, single keys, and options that stand for keys.</summary>
internal sealed class SettingsOptions
{
    private const string CallerSection = "actors.cluster.";

    private readonly Argument<string?> _profile = new("PROFILE")
    {
        Description = $"HOCON file, or a built-in profile: {string.Join(", ", BuiltInProfiles.Names)}; {BuiltInProfiles.Default} where none is given",
        HelpName = "PROFILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Set one key over the profile, such as actors.training.steps=5; lists, objects and quotes are HOCON; repeatable",
        HelpName = "key=value",
    };

    private readonly bool _hasProfile;

    private SettingsOptions(Command command, bool hasProfile)
    {
        _hasProfile = hasProfile;
        if (hasProfile)
        {
            _profile.CompletionSources.Add([.. BuiltInProfiles.Names]);
            command.Add(_profile);
        }

        command.Add(_set);
    }

    /// <summary>Adds the options to a subcommand that reads a profile.</summary>
    public static SettingsOptions WithProfile(Command command) => new(command, hasProfile: true);

    /// <summary>Adds the options to a subcommand that needs the defaults only.</summary>
    public static SettingsOptions WithoutProfile(Command command) => new(command, hasProfile: false);

    /// <summary>Path of the profile, or a built-in one's name; null where the subcommand has none.</summary>
    public string? ProfileOf(ParseResult parsed) =>
        _hasProfile ? BuiltInProfiles.Resolve(parsed.GetValue(_profile) ?? BuiltInProfiles.Default) : null;

    /// <summary>How a cluster is reached whose processes have settings of their own: only keys of <c>actors.cluster</c> are the caller's.</summary>
    /// <exception cref="UsageException">Another key is set.</exception>
    public ClusterAddress AddressOf(ParseResult parsed, string process)
    {
        ConfigurationOverride[] sets = [.. (parsed.GetValue(_set) ?? []).Select(text => ConfigurationOverride.Parse(text))];
        ConfigurationOverride? other = sets.FirstOrDefault(set => !set.Key.StartsWith(CallerSection, StringComparison.Ordinal));
        return other is null
            ? new ClusterAddress(process, sets)
            : throw new UsageException(
                $"--set: {other.Key} is the cluster's, whose processes were started with it (actors node); a caller sets keys of {CallerSection.TrimEnd('.')} only");
    }

    /// <summary>Whether an option is <c>--set</c>.</summary>
    public bool IsSet(Option option) => option == _set;

    /// <summary>Reads the layers; what an option stands for wins over --set.</summary>
    public LayeredConfiguration Load(ParseResult parsed, IEnumerable<ConfigurationOverride>? options = null)
    {
        IEnumerable<ConfigurationOverride> sets = (parsed.GetValue(_set) ?? []).Select(text => ConfigurationOverride.Parse(text));
        IEnumerable<ConfigurationOverride> verbose =
            parsed.GetValue(GlobalOptions.Verbose) ? [ConfigurationOverride.Of("--verbose", "actors.log.level", "debug")] : [];
        return LayeredConfiguration.Load(ProfileOf(parsed), [.. sets, .. options ?? [], .. verbose], BuiltInProfiles.TextOf);
    }
}

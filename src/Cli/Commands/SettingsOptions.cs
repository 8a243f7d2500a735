using System.CommandLine;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary>How a subcommand takes its configuration: a profile, single keys, and options that stand for keys.</summary>
internal sealed class SettingsOptions
{
    private const string DefaultProfile = "hocon/quickstart.conf";

    private readonly Argument<string?> _profile = new("PROFILE")
    {
        Description = $"HOCON file; {DefaultProfile} where none is given",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Set one key over the profile, such as actors.training.steps=5; the value is HOCON; repeatable",
        HelpName = "key=value",
    };

    private readonly bool _hasProfile;

    private SettingsOptions(Command command, bool hasProfile)
    {
        _hasProfile = hasProfile;
        if (hasProfile)
        {
            command.Add(_profile);
        }

        command.Add(_set);
    }

    /// <summary>Adds the options to a subcommand that reads a profile.</summary>
    public static SettingsOptions WithProfile(Command command) => new(command, hasProfile: true);

    /// <summary>Adds the options to a subcommand that needs the defaults only.</summary>
    public static SettingsOptions WithoutProfile(Command command) => new(command, hasProfile: false);

    /// <summary>Path of the profile; null where the subcommand has none.</summary>
    public string? ProfileOf(ParseResult parsed)
    {
        if (!_hasProfile)
        {
            return null;
        }

        string? profile = parsed.GetValue(_profile);
        if (profile?.StartsWith('-') == true)
        {
            throw new UsageException($"Unrecognized option '{profile}'; see actors {parsed.CommandResult.Command.Name} --help");
        }

        return profile ?? CheckoutFiles.Find(DefaultProfile)
            ?? throw new UsageException($"{DefaultProfile} is not found from here: name a profile, or run inside a checkout.");
    }

    /// <summary>The keys that were set, as they were given.</summary>
    public string[] SetsOf(ParseResult parsed) => parsed.GetValue(_set) ?? [];

    /// <summary>Reads the layers; what an option stands for wins over --set.</summary>
    public LayeredConfiguration Load(ParseResult parsed, IEnumerable<ConfigurationOverride>? options = null)
    {
        IEnumerable<ConfigurationOverride> sets = (parsed.GetValue(_set) ?? []).Select(text => ConfigurationOverride.Parse(text));
        IEnumerable<ConfigurationOverride> verbose =
            parsed.GetValue(GlobalOptions.Verbose) ? [ConfigurationOverride.Of("--verbose", "actors.log.level", "debug")] : [];
        return LayeredConfiguration.Load(ProfileOf(parsed), [.. sets, .. options ?? [], .. verbose]);
    }
}

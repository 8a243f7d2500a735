using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Cli.Requests;

namespace Actors.Cli.Commands;

/// <summary>How <c>actors infer</c> asks a cluster in place of a model here.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<string?> _cluster = new("--cluster")
    {
        Description = "Ask a cluster, named by the address of one of its processes (actors node)",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> _from = new("--from")
    {
        Description = "With --cluster: folder of a run or a model, which all processes see; none: the run that the cluster trains or has trained last",
        HelpName = "DIR",
    };

    private readonly Option<string?> _id = new("--id") { Description = "With --cluster: names the request, for --cancel", HelpName = "NAME" };
    private readonly Option<string?> _cancel = new("--cancel") { Description = "With --cluster: end the request of this name", HelpName = "NAME" };
    private readonly Option[] _local;
    private readonly SettingsOptions _settings;

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="local">Its options that have no meaning for a cluster.</param>
    /// <param name="settings">Its settings.</param>
    public ClusterOptions(Command command, Option[] local, SettingsOptions settings)
    {
        (_local, _settings) = (local, settings);
        command.Add(_cluster);
        command.Add(_from);
        command.Add(_id);
        command.Add(_cancel);
    }

    /// <summary>How the cluster is reached; null: the model is here.</summary>
    /// <exception cref="UsageException">Options for a model here and for a cluster are mixed.</exception>
    public ClusterAddress? AddressOf(ParseResult parsed)
    {
        string? cluster = parsed.GetValue(_cluster);
        OptionResult? other = parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit
            && (cluster is null ? option.Option == _from || option.Option == _id || option.Option == _cancel
                : _local.Contains(option.Option)));
        return (cluster, other) switch
        {
            (null, null) => null,
            (_, null) => _settings.AddressOf(parsed, cluster),
            (null, _) => throw new UsageException($"{other.Option.Name} is for a cluster: name one with --cluster HOST:PORT"),
            _ => throw new UsageException(
                $"--cluster: {other.Option.Name} is for a model here; a cluster serves what its processes were started with (actors node), or the run of --from"),
        };
    }

    /// <summary>Full path of the folder whose values answer; null: the cluster's run.</summary>
    public string? FromOf(ParseResult parsed) => parsed.GetValue(_from) is { } from ? Path.GetFullPath(from) : null;

    /// <summary>The request's name.</summary>
    public string IdOf(ParseResult parsed) => parsed.GetValue(_id) is { Length: > 0 } id ? id : Guid.NewGuid().ToString("N");

    /// <summary>The request to end; null: none, ask.</summary>
    public string? CancelledOf(ParseResult parsed) => parsed.GetValue(_cancel);
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Actors.Cli.Commands;
using Actors.Cli.Requests;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Runtime.Data;
using Akka.Configuration;

namespace Actors.Cli;

/// <summary>The <c>actors</c> command: its subcommands, its exit codes and its one-line errors.</summary>
internal static class ActorsCommand
{
    private const string Summary =
        "Trains and serves DeepSeek-V3-style mixture-of-experts models; every expert shard, pipeline stage and channel is an actor.";

    /// <summary>Runs the command.</summary>
    /// <param name="args">Arguments, the command's own name not among them.</param>
    /// <param name="terminal">Where it writes.</param>
    /// <param name="runs">What trains, evaluates and serves; null leaves those subcommands out.</param>
    /// <param name="stop">A request to stop in good order.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, IModelRuns? runs, CancellationToken stop)
    {
        // Response files are off: a prompt may begin with an at sign.
        ParseResult parsed = Create(terminal, runs).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (UsageErrors.Of(parsed) is { } wrong)
            {
                throw new UsageException(wrong);
            }

            var invocation = new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation, stop);
        }
        catch (Exception e)
        {
            // The outermost place: whatever went wrong becomes a line and an exit code.
            terminal.Error.WriteLine($"actors: {OneLine(e)}");
            if (parsed.GetValue(GlobalOptions.Verbose))
            {
                terminal.Error.WriteLine(e);
            }

            return CodeOf(e);
        }
    }

    /// <summary>The command line: every subcommand with its options.</summary>
    internal static RootCommand Create(Terminal terminal, IModelRuns? runs)
    {
        var root = new RootCommand(Summary) { GlobalOptions.Json, GlobalOptions.Verbose };
        root.Options.OfType<HelpOption>().Single().Action = new CommandHelp();
        root.Options.OfType<VersionOption>().Single().Action = new ShowVersion();
        root.SetAction(parsed => new CommandHelp().Invoke(parsed));
        if (runs is not null)
        {
            root.Add(TrainCommand.Create(terminal, runs));
            root.Add(InferCommand.Create(terminal, runs));
            root.Add(EvalCommand.Create(terminal, runs));
            root.Add(NodeCommand.Create(terminal, runs));
            root.Add(ClusterCommand.Create(terminal, runs));
        }

        root.Add(TokenizeCommand.Create(terminal));
        root.Add(CheckpointCommand.Create(terminal));
        root.Add(BalanceCommand.Create(terminal));
        root.Add(ConfigCommand.Create(terminal, runs));
        root.Add(DevicesCommand.Create(terminal));
        root.Add(KernelsCommand.Create(terminal));
        root.Add(ScheduleCommand.Create(terminal));
        root.Add(SimulateCommand.Create(terminal));
        NumberOptions.MakeStrict(root);
        return root;
    }

    private static int CodeOf(Exception e) =>
        e is UsageException or ConfigurationException or CorpusException or ModelConfigException or CheckpointException { IsDiskFailure: false }
            ? ExitCode.Usage
            : ExitCode.Failure;

    private static string OneLine(Exception e) => e switch
    {
        OperationCanceledException => "stopped before it was done",
        OutOfMemoryException => "there is not enough memory; use a smaller model, batch or sequence",
        _ => string.Join(' ', e.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
    };

    /// <summary>Prints the name and the version, without the revision that the build adds.</summary>
    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Version version = typeof(ActorsCommand).Assembly.GetName().Version!;
            parseResult.InvocationConfiguration.Output.WriteLine($"{CommandHelp.RootName} {version.ToString(3)}");
            return ExitCode.Success;
        }
    }
}

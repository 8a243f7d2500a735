using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
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
        ParseResult parsed = Create(terminal, runs).Parse(args);
        try
        {
            if (parsed.Errors.Count > 0)
            {
                throw new UsageException($"{WithoutTypeNames(parsed.Errors[0].Message)}; see {NameOf(parsed)} --help");
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

    private static Command Create(Terminal terminal, IModelRuns? runs)
    {
        var root = new Command("actors", Summary)
        {
            new HelpOption { Action = new SubcommandHelp() },
            new VersionOption(),
            GlobalOptions.Json,
            GlobalOptions.Verbose,
        };
        root.SetAction(parsed => new HelpAction().Invoke(parsed));
        if (runs is not null)
        {
            root.Add(TrainCommand.Create(terminal, runs));
            root.Add(InferCommand.Create(terminal, runs));
            root.Add(EvalCommand.Create(terminal, runs));
        }

        root.Add(ConfigCommand.Create(terminal));
        root.Add(ScheduleCommand.Create(terminal));
        return root;
    }

    private static string NameOf(ParseResult parsed)
    {
        string name = parsed.CommandResult.Command.Name;
        for (SymbolResult? outer = parsed.CommandResult.Parent; outer is CommandResult { Command: var command }; outer = outer.Parent)
        {
            name = $"{command.Name} {name}";
        }

        return name;
    }

    /// <summary>The parser names .NET types where people expect to read what to write.</summary>
    private static string WithoutTypeNames(string message)
    {
        int type = message.IndexOf(" as expected type '", StringComparison.Ordinal);
        if (type < 0)
        {
            return message.TrimEnd('.');
        }

        string wanted = message.AsSpan(type).Contains("Int", StringComparison.Ordinal) ? "a whole number" : "a number";
        return $"{message[..type]}: write {wanted}";
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
}

using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Cpu;
using Actors.Simulation.Faults;
using Actors.Simulation.Turns;

namespace Actors.Cli.Commands;

/// <summary><c>actors simulate faults</c>: seeded histories of a cluster under faults.</summary>
internal sealed class SimulateCommand
{
    private const int DefaultSeeds = 1000, DefaultSteps = 6, DefaultProcesses = 3, MostProcesses = 4, MostSteps = 1000, MostSeeds = 1_000_000_000;

    private static readonly string[] PartNames = [.. Enum.GetValues<HistoryParts>().Where(part => part != HistoryParts.None).Select(part => $"{part}".ToLowerInvariant())];

    private readonly Option<int?> _seeds = Number("--seeds", $"Histories to run; {DefaultSeeds}, or 1 where --seed is given", MostSeeds);
    private readonly Option<long?> _seed = new("--seed") { Description = "The first seed, 0 or more; alone it repeats one history and prints what happened in it", HelpName = "N" };
    private readonly Option<int?> _processes = Number("--processes", $"Processes of the cluster, 3 or 4; {DefaultProcesses}", MostProcesses, least: DefaultProcesses);
    private readonly Option<int?> _steps = Number("--steps", $"Steps of the run; {DefaultSteps}", MostSteps);
    private readonly Option<string?> _with = With();
    private readonly Option<int?> _threads = Number("--threads", "Threads; one a processor", MostProcesses * MostSteps);
    private readonly Terminal _terminal;

    private SimulateCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var simulate = new Command("simulate", "Run the project's own actors under a seed, in virtual time");
        var command = new SimulateCommand(terminal);
        var faults = new CommandWithExamples(
            "faults",
            "Run histories of a cluster that trains while processes crash, stall and lose each other, and hold each to the rules",
            "simulate faults --seeds 10000",
            "simulate faults --seed 17")
        {
            command._seeds, command._seed, command._processes, command._steps, command._with, command._threads,
        };
        faults.SetAction((parsed, stop) => Task.FromResult(command.Run(parsed, stop)));
        simulate.Add(faults);
        return simulate;
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        long? seed = parsed.GetValue(_seed);
        if (seed < 0)
        {
            throw new UsageException($"--seed: {seed} is below 0");
        }

        var options = new FaultOptions
        {
            MakeBackend = static () => new CpuBackend(),
            MakeLink = static () => new HostLink(),
            Processes = parsed.GetValue(_processes) ?? DefaultProcesses,
            Steps = parsed.GetValue(_steps) ?? DefaultSteps,
            Parts = parsed.GetValue(_with) is { } with ? PartsIn(with) : null,
        };
        int seeds = parsed.GetValue(_seeds) ?? (seed is null ? DefaultSeeds : 1);
        var search = new FaultSearch(options);
        var summary = new FaultSummary(_terminal, TimeProvider.System, seeds, isDetailed: seeds == 1);
        try
        {
            search.Run((ulong)(seed ?? 1), seeds, parsed.GetValue(_threads) ?? Environment.ProcessorCount, summary.Add, stop);
            return ExitCode.Success;
        }
        catch (SimulationException failure)
        {
            _terminal.Error.WriteLine($"actors: {failure.Message}");
            _terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"repeat it with: {_terminal.StartedAs} simulate faults --seed {failure.Seed} --processes {options.Processes} --steps {options.Steps}{(parsed.GetValue(_with) is { } named ? $" --with {named}" : "")}"));
            return ExitCode.Failure;
        }
        finally
        {
            summary.Write();
        }
    }

    private static Option<string?> With()
    {
        var option = new Option<string?>("--with")
        {
            Description = $"What histories have beside training and faults: {string.Join(", ", PartNames)}, several with commas, or none; left out, the seed draws it",
            HelpName = "PARTS",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } parts && PartsIn(parts) is null)
            {
                result.AddError($"Cannot parse argument '{parts}' for option '--with': write none, or some of {string.Join(", ", PartNames)} with commas between");
            }
        });
        return option;
    }

    /// <summary>Null: it names something else.</summary>
    private static HistoryParts? PartsIn(string text)
    {
        string[] names = text.Split(',');
        return text == "none" ? HistoryParts.None
            : Array.TrueForAll(names, PartNames.Contains) ? names.Aggregate(HistoryParts.None, (parts, name) => parts | Enum.Parse<HistoryParts>(name, ignoreCase: true))
            : null;
    }

    private static Option<int?> Number(string name, string description, int most, int least = 1)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } number && (number < least || number > most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"Cannot parse argument '{number}' for option '{name}': write a whole number from {least} to {most}"));
            }
        });
        return option;
    }
}

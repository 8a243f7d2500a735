using System.CommandLine;
using Actors.Cli.Pages;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Commands;

/// <summary><c>actors config</c>: the configuration that is in force.</summary>
internal static class ConfigCommand
{
    public static Command Create(Terminal terminal, IModelRuns? runs)
    {
        var command = new CommandWithExamples(
            "config", "Print the effective configuration as JSON, after checking it", "config", "config ep32 --origins", "config deepseek-v3 --schedule", "config quickstart --memory", "config my.conf --set actors.training.steps=5");
        SettingsOptions settings = SettingsOptions.WithProfile(command);
        var origins = new Option<bool>("--origins")
        {
            Description = "Print for each key its value, the layer it comes from and the line there",
        };
        var schedule = new Option<bool>("--schedule")
        {
            Description = "Print a table of the steps at which batch, learning rate and weights change, and what they are there",
        };
        var memory = new Option<bool>("--memory")
        {
            Description = "Print a table of the memory that training takes on each rank, by kind",
        };
        command.Add(origins);
        command.Add(schedule);
        if (runs is not null)
        {
            command.Add(memory);
        }

        command.Add(DocsCommand.Create(terminal, "Write the page about settings", SettingsPage.TemplateFile, SettingsPage.Make));
        command.SetAction(parsed =>
        {
            ActorsSettings read = CheckedSettings.Read(settings.Load(parsed));
            IReadOnlyList<EffectiveSetting> effective = read.Effective;
            bool isIndented = !parsed.GetValue(GlobalOptions.Json);
            if (parsed.GetValue(schedule))
            {
                terminal.Output.WriteLine(ScheduleTable.Of(read, !isIndented).TrimEnd('\n'));
                return ExitCode.Success;
            }

            if (runs is not null && parsed.GetValue(memory))
            {
                PlannedMemory planned = runs.PlanMemory(read);
                terminal.Output.WriteLine(isIndented ? string.Join('\n', MemoryText.Of(planned)) : ReportJson.Of(planned));
                return ExitCode.Success;
            }

            terminal.Output.WriteLine(parsed.GetValue(origins)
                ? ConfigurationJson.WriteOrigins(effective, isIndented)
                : ConfigurationJson.Write(effective, isIndented));
            return ExitCode.Success;
        });
        return command;
    }
}

using System.CommandLine;
using Actors.Cli.Pages;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Commands;

/// <summary><c>actors config</c>: the configuration that is in force.</summary>
internal static class ConfigCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "config", "Print the effective configuration as JSON, after checking it", "config", "config ep32 --origins", "config my.conf --set actors.training.steps=5");
        SettingsOptions settings = SettingsOptions.WithProfile(command);
        var origins = new Option<bool>("--origins")
        {
            Description = "Print for each key its value, the layer it comes from and the line there",
        };
        command.Add(origins);
        command.Add(DocsCommand.Create(terminal, "Write the page about settings", SettingsPage.TemplateFile, SettingsPage.Make));
        command.SetAction(parsed =>
        {
            IReadOnlyList<EffectiveSetting> effective = CheckedSettings.Read(settings.Load(parsed)).Effective;
            bool isIndented = !parsed.GetValue(GlobalOptions.Json);
            terminal.Output.WriteLine(parsed.GetValue(origins)
                ? ConfigurationJson.WriteOrigins(effective, isIndented)
                : ConfigurationJson.Write(effective, isIndented));
            return ExitCode.Success;
        });
        return command;
    }
}

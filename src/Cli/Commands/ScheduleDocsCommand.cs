using System.CommandLine;
using Actors.Cli.Outputs;
using Actors.Cli.Pages;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule docs</c>, for contributors: writes the page about schedules and its pictures. Not in the help.</summary>
internal static class ScheduleDocsCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("docs", "Write the page about schedules and its pictures") { Hidden = true };
        var output = new Option<string?>("--output", "-o") { Description = "The folder docs; that of the checkout where it is not given", HelpName = "DIR" };
        command.Add(output);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output) ?? CheckoutFiles.Find("docs")
                ?? throw new UsageException("there is no folder docs here or above; run it in a checkout, or name one with --output DIR");
            SchedulesPage page = SchedulesPage.Make(ReadTemplate(Path.Combine(folder, SchedulesPage.TemplateFile)));
            foreach ((string file, string content) in page.Files)
            {
                string path = Path.Combine(folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                OutputFile.Of("--output", path).WriteText(content);
            }

            terminal.Error.WriteLine($"{page.Files.Count} files written to {folder}");
            return ExitCode.Success;
        });
        return command;
    }

    private static string ReadTemplate(string path) => string.Join('\n', InputFiles.ReadLines(path)) + "\n";
}

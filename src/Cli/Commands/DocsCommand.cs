using System.CommandLine;
using Actors.Cli.Outputs;

namespace Actors.Cli.Commands;

/// <summary>A subcommand <c>docs</c>, for contributors: writes a page that is made from a template. Not in the help.</summary>
internal static class DocsCommand
{
    /// <summary>Makes the subcommand.</summary>
    /// <param name="terminal">Where it reports.</param>
    /// <param name="description">What it does.</param>
    /// <param name="template">The template, in the folder docs.</param>
    /// <param name="make">Makes from the template's text the files: paths in the folder docs, with their content.</param>
    public static Command Create(Terminal terminal, string description, string template, Func<string, IReadOnlyDictionary<string, string>> make)
    {
        var command = new Command("docs", description) { Hidden = true };
        var output = new Option<string?>("--output", "-o") { Description = "The folder docs; that of the checkout where it is not given", HelpName = "DIR" };
        command.Add(output);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output) ?? CheckoutFiles.Find("docs")
                ?? throw new UsageException("there is no folder docs here or above; run it in a checkout, or name one with --output DIR");
            IReadOnlyDictionary<string, string> files = make(ReadTemplate(Path.Combine(folder, template)));
            foreach ((string file, string content) in files)
            {
                string path = Path.Combine(folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                OutputFile.Of("--output", path).WriteText(content);
            }

            terminal.Error.WriteLine($"{files.Count} file{(files.Count == 1 ? "" : "s")} written to {folder}");
            return ExitCode.Success;
        });
        return command;
    }

    private static string ReadTemplate(string path) => string.Join('\n', InputFiles.ReadLines(path)) + "\n";
}

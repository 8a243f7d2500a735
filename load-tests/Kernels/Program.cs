using System.CommandLine;
using Actors.Cpu;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Kernels;

var json = new Option<string?>("--json") { Description = "Write the results for machines", HelpName = "FILE" };
var only = new Option<string?>("--only") { Description = "Measure only what has this in its name", HelpName = "TEXT" };
var root = new RootCommand("Measures the CPU backend on one core.") { json, only };
root.SetAction(parsed => Measure(parsed.GetValue(json), parsed.GetValue(only)));
return await Invocation.RunAsync(root, args);

static int Measure(string? jsonPath, string? only)
{
    using var backend = new CpuBackend();
    var report = new Report(backend.Name, Machine.PeakGflops(), Machine.CopyGigabytesPerSecond(), only);
    report.PrintHeader();
    using (var bench = new Workbench(backend))
    {
        Products.Run(bench, report);
        Attentions.Run(bench, report);
        new Passes(bench, report).Run();
    }

    if (jsonPath is not null)
    {
        report.Save(jsonPath);
    }

    return report.Failures == 0 ? 0 : 1;
}

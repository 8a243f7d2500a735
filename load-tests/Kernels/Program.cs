using Actors.Cpu;
using Actors.LoadTests.Kernels;

const string Usage = "usage: kernels [--json FILE] [--only TEXT]   measures the CPU backend on one core";
string? jsonPath = null;
string? only = null;
for (int i = 0; i < args.Length; i++)
{
    bool hasValue = i + 1 < args.Length;
    switch (args[i])
    {
        case "--json" when hasValue:
            jsonPath = args[++i];
            break;
        case "--only" when hasValue:
            only = args[++i];
            break;
        default:
            Console.Error.WriteLine(Usage);
            return args[i] is "--help" or "-h" ? 0 : 2;
    }
}

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

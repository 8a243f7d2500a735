using System.CommandLine;
using Actors.Gpu.Backend;
using Actors.Gpu.Devices;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Gpu;
using Actors.LoadTests.Reporting;
using Actors.Tensors;

namespace Actors.LoadTests.Exchange;

/// <summary><c>exchange</c>: rows between GPUs that reach each other's memory, by operations of their streams that go on behind marks or wait for flags.</summary>
internal static class ExchangeCommand
{
    /// <summary>Tokens of a rank in decoding.</summary>
    private static readonly int[] FewTokens = [1, 8, 32, 64, 128, 256, 512];

    public static Command Create()
    {
        var command = new Command("exchange", "Dispatch and combine between GPUs of a machine, a rank each: sums are checked, then exchanges are timed.");
        Option<int> gpus = NumberOptions.Whole("--gpus", "GPUs, from the first on", 2, most: 64);
        Option<int> tokens = NumberOptions.Whole("--tokens", "Tokens of a rank", 4096, most: 1 << 16);
        Option<int> columns = NumberOptions.Whole("--columns", "Columns of a row, bfloat16", 7168, most: 1 << 14);
        Option<int?> multiprocessors = NumberOptions.Whole("--multiprocessors", "Multiprocessors that moves of rows take at most, half of a GPU's in any case; else all", most: 1024);
        command.Add(gpus);
        command.Add(multiprocessors);
        command.Add(tokens);
        command.Add(columns);
        var report = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            report.Show(parsed, Run(parsed.GetValue(gpus), parsed.GetValue(tokens), parsed.GetValue(columns), parsed.GetValue(multiprocessors)));
            return 0;
        });
        return command;
    }

    private static Report Run(int gpus, int tokens, int columns, int? multiprocessors)
    {
        GpuMachine machine = GpuMachine.Read();
        if (ExchangeTokens.Experts % gpus != 0)
        {
            throw new UsageException($"--gpus {gpus}: {ExchangeTokens.Experts} experts must divide over them");
        }

        CudaBackend[] devices = OpenGpus.First(machine, gpus, Precision.BFloat16, multiprocessors);
        try
        {
            return new Report(
                "exchange",
                [
                    ("GPUs", $"{gpus} x {machine.Devices[0].Name}, {machine.Links[0][Math.Min(1, gpus - 1)]}"),
                    ("rows", $"{tokens} and few a rank of {columns} bfloat16, 8 of 256 experts"),
                    ("multiprocessors", multiprocessors is { } count ? $"{count} for moves of rows by marks" : "all"),
                ],
                [
                    .. ExchangeTrial.ByMarks(devices, tokens, columns),
                    .. FewTokens.SelectMany(few => ExchangeTrial.ByMarks(devices, few, columns).Concat(ExchangeTrial.ByFlags(devices, few, columns))),
                ],
                []);
        }
        finally
        {
            Array.ForEach(devices, device => device.Dispose());
        }
    }
}

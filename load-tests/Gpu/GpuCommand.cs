using System.CommandLine;
using System.Globalization;
using Actors.Gpu.Devices;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Reporting;

namespace Actors.LoadTests.Gpu;

/// <summary><c>gpu</c>: kernels of a GPU, each checked and then timed beside a copy.</summary>
internal static class GpuCommand
{
    private const string RowTrials = "rows", MoveTrials = "moves", Products = "products", Quantized = "quantized", Gate = "gate", Attention = "attention", Latent = "latent";
    private static readonly string[] Trials = [RowTrials, MoveTrials, Products, Quantized, Gate, Attention, Latent];

    public static Command Create()
    {
        var command = new Command("gpu", "Kernels on the first GPU: each is checked, then timed beside a copy of as many bytes.");
        Option<int> rows = NumberOptions.Whole("--rows", "Rows of a tensor", 4096, most: 1 << 16);
        Option<int> columns = NumberOptions.Whole("--columns", "Columns of a tensor", 7168, most: 1 << 14);
        var only = new Option<string[]>("--only")
        {
            Description = "Kernels to measure, all unless given",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Trials,
        };
        only.AcceptOnlyFromAmong(Trials);
        command.Add(rows);
        command.Add(columns);
        command.Add(only);
        var report = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            report.Show(parsed, Run(parsed.GetValue(rows), parsed.GetValue(columns), parsed.GetValue(only)!));
            return 0;
        });
        return command;
    }

    private static Report Run(int rows, int columns, string[] only)
    {
        GpuMachine machine = GpuMachine.Read();
        GpuDevice device = machine.Devices[0];
        List<Figure> figures = [];
        List<(string Name, string Value)> settings =
        [
            ("GPU", $"{device.Name}, {device.Architecture}"),
            ("memory", string.Create(CultureInfo.InvariantCulture, $"{device.MemoryBytesPerSecond / 1e9:0} GB/s by clock and bus")),
            ("rows x columns", $"{rows} x {columns}"),
        ];
        using (var bench = new GpuBench(device))
        {
            var timer = new KernelTimer(bench, figures);
            timer.Copy();
            foreach (string trial in Trials.Intersect(only))
            {
                Measure(trial, bench, timer, rows, columns, figures);
            }

            settings.AddRange(bench.Library.Loaded.Select(kernel => (
                kernel.Name, $"{kernel.Resources.Registers} registers, {kernel.Resources.LocalBytes} local and {kernel.Resources.SharedBytes} shared bytes")));
        }

        return new Report("gpu", settings, figures, []);
    }

    private static void Measure(string trial, GpuBench bench, KernelTimer timer, int rows, int columns, List<Figure> figures)
    {
        switch (trial)
        {
            case RowTrials:
                new KernelTrials(bench, timer, rows, columns).Run();
                break;
            case MoveTrials:
                new MoveTrials(bench, timer, rows, columns).Run();
                break;
            case Products:
                new ProductTrials(bench, figures).Run();
                break;
            case Quantized:
                new QuantizedTrials(bench, timer, rows, columns).Run();
                new QuantizedProductTrials(bench, figures).Run();
                break;
            case Gate:
                new GateTrials(bench, timer).Run();
                break;
            case Attention:
                new AttentionTrials(bench, figures).Run();
                break;
            case Latent:
                new LatentAttentionTrials(bench, timer).Run();
                break;
        }
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Actors.Cpu;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.LoadTests.Checkpoints;

/// <summary><c>checkpoint</c>: writes a large model's folder, converts and verifies it, and loads the part of a rank, with time and memory of each.</summary>
internal static class CheckpointCommand
{
    private const string Description =
        "A model's folder of 16 layers, 10 GB in bfloat16, is written, converted to FP8 and verified, and the part of one of eight ranks is loaded from both. "
        + "Each figure beside that of plain reading. Memory is what a step takes above what it began with, and above the weights that it fills and packs.";

    private const int Stages = 2, ExpertRanks = 4, ChunkBytes = 1 << 20;

    public static Command Create()
    {
        var command = new Command("checkpoint", Description);
        var folder = new Option<string>("--out") { Description = "A new folder with room for 15 GB; it is removed at the end", HelpName = "DIR", Required = true };
        Option<int> layers = NumberOptions.Whole("--layers", "Layers of the model, 0.6 GB each", 16, most: 1000);
        var keep = new Option<bool>("--keep") { Description = "Leave the folder" };
        command.Add(folder);
        command.Add(layers);
        command.Add(keep);
        var report = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            string place = parsed.GetValue(folder)!;
            if (Path.Exists(place))
            {
                throw new UsageException($"--out: {place} is there already; name a new folder.");
            }

            try
            {
                report.Show(parsed, Run(place, SyntheticCheckpoint.Config(parsed.GetValue(layers))));
            }
            finally
            {
                if (!parsed.GetValue(keep) && Directory.Exists(place))
                {
                    Directory.Delete(place, recursive: true);
                }
            }

            return 0;
        });
        return command;
    }

    private static Report Run(string place, ModelConfig config)
    {
        (string wide, string scaled) = (Path.Combine(place, "bf16"), Path.Combine(place, "fp8"));
        List<Figure> figures = [];
        long bytes = 0;
        Measure("write bf16", () => (bytes = SyntheticCheckpoint.Write(wide, config), 0));
        Measure("read bf16, plain", () => (ReadPlainly(wide), 0));
        Measure("convert bf16 to fp8", () => (CheckpointConversion.Convert(wide, scaled, new CheckpointForm(null, CheckpointWriter.DefaultMaxShardBytes, SafetensorsType.E4M3)) > 0 ? bytes : 0, 0));
        Measure("verify bf16", () => (Verified(wide), 0));
        Measure("verify fp8", () => (Verified(scaled), 0));
        Measure("load a rank's part, bf16", () => Load(wide, config));
        Measure("load a rank's part, fp8", () => Load(scaled, config));
        string size = string.Create(CultureInfo.InvariantCulture, $"{config.Layers} layers, {bytes / 2e9:0.00} billion parameters, {bytes / 1e9:0.0} GB in bfloat16");
        return new Report("checkpoint", [("model", size), ("rank", $"one of {Stages} stages x {ExpertRanks} expert ranks, float32 weights, packed for products too")], figures, []);

        void Measure(string step, Func<(long Bytes, long Weights)> work)
        {
            var memory = new PeakMemory();
            long start = Stopwatch.GetTimestamp();
            (long moved, long weights) = work();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Add("seconds", seconds, 1);
            Add("GB read or written", moved / 1e9, 2);
            Add("GB/s", moved / 1e9 / seconds, 2);
            Add("memory, MB", (memory.Bytes - weights) / 1e6, 0);

            void Add(string name, double value, int digits) => figures.Add(new Figure(step, name, Spread.Of([value]), digits));
        }
    }

    private static long Verified(string folder) => CheckpointVerification.Verify(folder).Bytes;

    /// <summary>Loads what the first rank holds, and checks that no more was read than that.</summary>
    private static (long Bytes, long Weights) Load(string folder, ModelConfig config)
    {
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("loads");
        ExpertRange experts = new(0, config.RoutedExperts / ExpertRanks);
        var part = new ModelPart([.. Enumerable.Range(0, config.Layers / Stages)], HasEmbedding: true, HasHead: false, [experts]);
        using var weights = new ModelWeights(backend, config, part);
        long read = TrainingCheckpoint.LoadModel(folder, [(stream, weights)]).BytesRead, held = 0;
        using CheckpointReader reader = CheckpointReader.Open(folder);
        foreach (HubTensor tensor in weights.Blocks.SelectMany(block => block.Tensors))
        {
            held += reader.Find(tensor.Name).Bytes + (reader.ScalesOf(tensor.Name)?.Bytes ?? 0);
        }

        using var counted = new ShapeBackend(backend);
        using var shapes = new ModelWeights(counted, config, part);
        return read == held
            ? (read, counted.Bytes)
            : throw new CheckFailedException($"{folder}: {read} bytes were read for a part that has {held}.");
    }

    private static long ReadPlainly(string folder)
    {
        var chunk = new byte[ChunkBytes];
        long bytes = 0;
        foreach (string path in Directory.GetFiles(folder, "*.safetensors"))
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            int read;
            while ((read = file.Read(chunk)) > 0)
            {
                bytes += read;
            }
        }

        return bytes;
    }
}

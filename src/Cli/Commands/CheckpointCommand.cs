using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Cli.Runs;
using Actors.Model.Checkpoint;
using Actors.Model.Training;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary><c>actors checkpoint</c>: looks after models on the disk.</summary>
internal static class CheckpointCommand
{
    private const int MostShards = 99_999;
    private static readonly (string Suffix, double Factor)[] Sizes = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("", 1)];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("checkpoint", "Verify and convert models on the disk");
        command.Add(CreateVerify(terminal));
        command.Add(CreateConvert(terminal));
        return command;
    }

    private static Argument<string> Folder() => new("FOLDER") { Description = "Folder of a model, of a checkpoint, or of a run: then its newest checkpoint" };

    private static Command CreateVerify(Terminal terminal)
    {
        Argument<string> folder = Folder();
        var verify = new CommandWithExamples(
            "verify",
            "Read a checkpoint from end to end: that files, index, shapes and sizes agree with config.json, and that every value is finite",
            "checkpoint verify runs/quickstart") { folder };
        verify.SetAction(parsed =>
        {
            VerifiedCheckpoint whole;
            try
            {
                whole = CheckpointVerification.Verify(Require(parsed.GetValue(folder)!));
            }
            catch (CheckpointException fault)
            {
                throw new RunFailedException(fault.Message, fault.ToString());
            }

            string step = whole.Step is { } n ? string.Create(CultureInfo.InvariantCulture, $", step {n} with moments") : "";
            terminal.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{whole.Folder} is whole: {whole.Tensors} tensors, {Quantity.Bytes(whole.Bytes)}, all values finite{step}"));
            return ExitCode.Success;
        });
        return verify;
    }

    private static Command CreateConvert(Terminal terminal)
    {
        Argument<string> folder = Folder();
        var output = new Option<string>("--out") { Description = "The new folder; nothing is replaced", HelpName = "DIR", Required = true };
        var shards = new Option<int?>("--shards") { Description = "Number of files, of nearly the same size", HelpName = "N" };
        var size = new Option<string?>("--max-shard-size")
        {
            Description = "Largest file, such as 500MB or 5GB; 5GB where neither this nor --shards is given",
            HelpName = "S",
        };
        var type = new Option<string?>("--dtype")
        {
            Description = "f32, bf16, or fp8: matrices of attention and feed-forward in blocks of 128 x 128, the others bf16; as the tensors are where it is not given",
            HelpName = "f32|bf16|fp8",
        };
        type.AcceptOnlyFromAmong("f32", "bf16", "fp8");
        var convert = new CommandWithExamples(
            "convert",
            "Write a model's folder again: one file or several, float32, bfloat16 or FP8",
            "checkpoint convert runs/quickstart --out quickstart --shards 1",
            "checkpoint convert DIR --out DIR-bf16 --max-shard-size 2GB --dtype bf16",
            "checkpoint convert DIR --out DIR-fp8 --dtype fp8") { folder, output, shards, size, type };
        convert.SetAction(parsed =>
        {
            SafetensorsType? wanted = parsed.GetValue(type) switch
            {
                "f32" => SafetensorsType.F32,
                "bf16" => SafetensorsType.BF16,
                "fp8" => SafetensorsType.E4M3,
                _ => null,
            };
            CheckpointForm form = FormOf(parsed.GetValue(shards), parsed.GetValue(size), wanted);
            string place = parsed.GetValue(output)!;
            int tensors = CheckpointConversion.Convert(Require(parsed.GetValue(folder)!), place, form);
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tensors} tensors are written to {place}"));
            return ExitCode.Success;
        });
        return convert;
    }

    private static string Require(string folder) => Directory.Exists(folder) ? folder : throw new UsageException($"the folder {folder} does not exist");

    private static CheckpointForm FormOf(int? shards, string? size, SafetensorsType? type) => (shards, size) switch
    {
        (not null, not null) => throw new UsageException("--shards and --max-shard-size both say how many files there are: leave one out"),
        ({ } count, _) when count is < 1 or > MostShards => throw new UsageException($"--shards: {shards} is no number of files; write one from 1 to {MostShards}"),
        _ => new CheckpointForm(shards, size is null ? CheckpointWriter.DefaultMaxShardBytes : BytesOf(size), type),
    };

    private static long BytesOf(string text)
    {
        (string suffix, double factor) = Sizes.First(size => text.EndsWith(size.Suffix, StringComparison.OrdinalIgnoreCase));
        if (NumberText.TryNumber(text[..^suffix.Length], out double number) && number * factor is >= 1 and <= 1e18)
        {
            return (long)(number * factor);
        }

        throw new UsageException($"--max-shard-size: {text} is no size; write one like 500MB or 5GB");
    }
}

using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Gpu.Compiling;
using Actors.Gpu.Libraries;
using Actors.Runtime.Placement;

namespace Actors.Cli.Commands;

/// <summary><c>actors kernels build</c>: compiles the kernels of GPUs ahead, for machines that have the driver and no compiler.</summary>
internal sealed class KernelsCommand(Terminal terminal, bool isJson)
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("kernels", "Compile the kernels of GPUs ahead");
        command.Add(CreateBuild(terminal));
        return command;
    }

    private static CommandWithExamples CreateBuild(Terminal terminal)
    {
        var architecture = new Option<string?>("--architecture")
        {
            Description = $"Architectures, with commas between; {string.Join(',', KernelTarget.WithPaths)} where it is not given. Kernels of sm_80 run on sm_86 and sm_89",
            HelpName = "SM[,SM]",
        };
        var output = new Option<string>("--out") { Description = "The folder; files that it has already are not compiled again", HelpName = "DIR", Required = true };
        var build = new CommandWithExamples(
            "build",
            "Compile all kernels with NVRTC into a folder, from which a machine with the driver alone runs: beside the program as kernels, or named by actors.cuda.kernels. It needs no GPU",
            "kernels build --out kernels",
            "kernels build --architecture sm_80,sm_90a,sm_100 --out kernels") { architecture, output };
        SettingsOptions settings = SettingsOptions.WithoutProfile(build);
        build.SetAction((parsed, stop) =>
        {
            CudaLibraries.UseFolder(CheckedSettings.Read(settings.Load(parsed)).Cuda.Path);
            IReadOnlyList<KernelTarget> targets = parsed.GetValue(architecture) is { } names ? TargetsIn(names) : KernelTarget.WithPaths;
            new KernelsCommand(terminal, parsed.GetValue(GlobalOptions.Json)).Build(parsed.GetValue(output)!, targets, stop);
            return Task.FromResult(ExitCode.Success);
        });
        return build;
    }

    private static IReadOnlyList<KernelTarget> TargetsIn(string names) =>
    [
        .. names.Split(',').Select(name => KernelTarget.TryParse(name.Trim())
            ?? throw new UsageException($"--architecture: {name} is no architecture that kernels are compiled for; write one from sm_80 on, or sm_90a")).Distinct(),
    ];

    private void Build(string folder, IReadOnlyList<KernelTarget> targets, CancellationToken stop)
    {
        if (File.Exists(folder))
        {
            throw new UsageException($"--out: {folder} is a file; name a folder");
        }

        BuiltKernels built;
        try
        {
            built = KernelBuild.Run(folder, targets, Report, stop);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out: {folder} cannot be written to: {failure.Message}; name another");
        }

        terminal.Output.WriteLine(isJson
            ? JsonText.Of(json =>
            {
                json.WriteStartObject();
                json.WriteString("event", "built");
                json.WriteString("folder", folder);
                json.WriteStartArray("targets");
                foreach (KernelTarget target in targets)
                {
                    json.WriteStringValue($"{target}");
                }

                json.WriteEndArray();
                json.WriteString("compiler", built.CompilerVersion);
                json.WriteNumber("files", built.Files);
                json.WriteNumber("bytes", built.Bytes);
                json.WriteEndObject();
            })
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{built.Files} files, {Quantity.Bytes(built.Bytes)}, for {string.Join(", ", targets)} with NVRTC {built.CompilerVersion}: {folder}"));
    }

    private void Report(CompiledKernel kernel)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(JsonText.Of(json =>
            {
                json.WriteStartObject();
                json.WriteString("event", "kernel");
                json.WriteString("file", kernel.File);
                json.WriteString("target", $"{kernel.Target}");
                json.WriteBoolean("is_new", kernel.IsNew);
                json.WriteNumber("done", kernel.Done);
                json.WriteNumber("all", kernel.All);
                json.WriteEndObject();
            }));
        }
        else
        {
            terminal.Notices.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{kernel.Done} of {kernel.All}: {kernel.File} for {kernel.Target}{(kernel.IsNew ? "" : ", was there")}"));
        }
    }
}

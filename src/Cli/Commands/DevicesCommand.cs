using System.CommandLine;
using System.Globalization;
using Actors.Cpu;
using Actors.Gpu;
using Actors.Gpu.Compiling;
using Actors.Gpu.Devices;
using Actors.Gpu.Libraries;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Commands;

/// <summary><c>actors devices</c>: what there is to compute on, how it is linked, and why something cannot be used.</summary>
/// <param name="terminal">Where it writes.</param>
/// <param name="kernels">The folder of kernels that the settings name; null: none.</param>
internal sealed class DevicesCommand(Terminal terminal, string? kernels)
{
    private const double Giga = 1e9, Gibi = 1L << 30;

    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "devices", "List what there is to compute on, how GPUs are linked, and why something cannot be used", "devices", "devices --set actors.cuda.path=/opt/cuda");
        SettingsOptions settings = SettingsOptions.WithoutProfile(command);
        command.SetAction(parsed =>
        {
            CudaSettings cuda = CheckedSettings.Read(settings.Load(parsed)).Cuda;
            CudaLibraries.UseFolder(cuda.Path);
            var devices = new DevicesCommand(terminal, cuda.Kernels);
            if (parsed.GetValue(GlobalOptions.Json))
            {
                devices.WriteJson();
            }
            else
            {
                devices.WriteText();
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static string CpuName
    {
        get
        {
            using var cpu = new CpuBackend();
            return $"{cpu.Name}, {Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "core" : "cores")}";
        }
    }

    private void WriteText()
    {
        terminal.Output.WriteLine(CpuName);
        (GpuMachine? machine, string? fault) = Try(GpuMachine.Read);
        if (machine is null)
        {
            terminal.Output.WriteLine($"no GPU: {fault}");
            return;
        }

        foreach (GpuDevice device in machine.Devices)
        {
            terminal.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"GPU {device.Number}: {device.Name}, {device.Architecture}, {device.Multiprocessors} multiprocessors, {device.MemoryBytes / Gibi:0.0} GiB at {device.MemoryBytesPerSecond / Giga:0} GB/s, bus {device.BusId}"));
            if (device.Obstacle is { } obstacle)
            {
                terminal.Output.WriteLine($"  not used: {obstacle}");
            }
        }

        WriteLinks(machine);
        terminal.Output.WriteLine($"driver: CUDA {machine.DriverVersion.Major}.{machine.DriverVersion.Minor}");
        if (DescribeKernels() is { } made)
        {
            terminal.Output.WriteLine($"kernels made ahead: {made}");
        }

        terminal.Output.WriteLine($"kernel compiler: {DescribeCompiler()}");
        terminal.Output.WriteLine($"dense products: {DescribeProducts()}");
    }

    /// <summary>Pairs that are linked alike share a line.</summary>
    private void WriteLinks(GpuMachine machine)
    {
        var pairs = from one in machine.Devices
                    from other in machine.Devices
                    where one.Number < other.Number
                    group $"{one.Number}-{other.Number}" by machine.Links[one.Number][other.Number] into alike
                    orderby alike.Key descending
                    select alike;
        foreach (IGrouping<GpuLink, string> alike in pairs)
        {
            terminal.Output.WriteLine($"{NameOf(alike.Key)}: {string.Join(", ", alike)}");
        }
    }

    private void WriteJson() => terminal.Output.WriteLine(JsonText.Of(json =>
    {
        (GpuMachine? machine, string? fault) = Try(GpuMachine.Read);
        json.WriteStartObject();
        json.WriteString("cpu", CpuName);
        json.WriteStartArray("gpus");
        foreach (GpuDevice device in machine?.Devices ?? [])
        {
            json.WriteStartObject();
            json.WriteNumber("number", device.Number);
            json.WriteString("name", device.Name);
            json.WriteString("architecture", $"{device.Architecture}");
            json.WriteNumber("multiprocessors", device.Multiprocessors);
            json.WriteNumber("memory_bytes", device.MemoryBytes);
            json.WriteNumber("memory_bytes_per_second", device.MemoryBytesPerSecond);
            json.WriteString("bus", device.BusId);
            json.WriteString("obstacle", device.Obstacle);
            json.WriteStartArray("links");
            foreach (GpuLink link in machine!.Links[device.Number])
            {
                json.WriteStringValue(NameOf(link));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (machine is not null)
        {
            json.WriteString("driver", $"{machine.DriverVersion.Major}.{machine.DriverVersion.Minor}");
            json.WriteString("kernels", DescribeKernels());
            json.WriteString("kernel_compiler", DescribeCompiler());
            json.WriteString("dense_products", DescribeProducts());
        }

        json.WriteString("fault", fault);
        json.WriteEndObject();
    }));

    private string? DescribeKernels()
    {
        (string? made, string? fault) = Try(() => KernelBuild.Describe(kernels) ?? "");
        return fault ?? (made!.Length == 0 ? null : made);
    }

    private static string DescribeCompiler()
    {
        (KernelCompiler? compiler, string? fault) = Try(() => new KernelCompiler());
        return compiler is null ? fault! : $"NVRTC {compiler.Version.Major}.{compiler.Version.Minor}, {CudaLibraries.Load(CudaLibrary.Compiler).Path}";
    }

    private static string DescribeProducts()
    {
        (LoadedLibrary? library, string? fault) = Try(() => CudaLibraries.Load(CudaLibrary.Products));
        return library is null ? fault! : $"cuBLASLt, {library.Path}";
    }

    private static string NameOf(GpuLink link) => link switch
    {
        GpuLink.NvLink => "NVLink",
        GpuLink.PciExpress => "PCI Express",
        _ => "through the host's memory",
    };

    private static (T? Value, string? Fault) Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return (read(), null);
        }
        catch (CudaException missing)
        {
            return (null, missing.Message);
        }
    }
}

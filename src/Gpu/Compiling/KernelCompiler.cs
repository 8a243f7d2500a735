using System.Runtime.InteropServices;
using System.Text;
using Actors.Gpu.Libraries;

namespace Actors.Gpu.Compiling;

/// <summary>Compiles kernel files to cubins with NVRTC. No toolkit is needed: kernels include the built-in headers only.</summary>
public sealed unsafe class KernelCompiler : IKernelCompiler
{
    private static readonly string[] CommonOptions = ["--std=c++17", "--fmad=true", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "-default-device"];

    /// <summary>Loads NVRTC.</summary>
    /// <exception cref="CudaException">It is nowhere.</exception>
    public KernelCompiler()
    {
        CudaLibraries.Load(CudaLibrary.Compiler);
        Check(Nvrtc.nvrtcVersion(out int major, out int minor), "nvrtcVersion");
        Version = (major, minor);
    }

    /// <summary>Its version, 12.8 as (12, 8).</summary>
    public (int Major, int Minor) Version { get; }

    /// <summary>Options of a target, which a cubin depends on beside its source.</summary>
    internal static IReadOnlyList<string> Options(KernelTarget target) => [$"--gpu-architecture={target}", .. CommonOptions];

    byte[] IKernelCompiler.Compile(KernelSource source, KernelTarget target)
    {
        using var texts = new NativeTexts();
        KernelSource[] headers = [.. KernelSource.BuiltIn.Values.Where(header => header.IsHeader)];
        byte** headerTexts = texts.Add([.. headers.Select(header => header.Text)]), headerNames = texts.Add([.. headers.Select(header => header.Name)]);
        Check(Nvrtc.nvrtcCreateProgram(out nint program, texts.Add(source.Text), texts.Add(source.Name), headers.Length, headerTexts, headerNames), $"nvrtcCreateProgram of {source.Name}");
        try
        {
            string[] options = [.. Options(target)];
            int status = Nvrtc.nvrtcCompileProgram(program, options.Length, texts.Add(options));
            if (status == Nvrtc.CompilationError)
            {
                throw new CudaException($"{source.Name} does not compile for {target} with NVRTC {Version.Major}.{Version.Minor}:{Environment.NewLine}{WithLines(Log(program), source.Text)}");
            }

            if (status == Nvrtc.InvalidOption)
            {
                throw new CudaException($"NVRTC {Version.Major}.{Version.Minor} does not compile for {target}: leave it out, or name a newer CUDA by actors.cuda.path");
            }

            Check(status, $"nvrtcCompileProgram of {source.Name} for {target}");
            return Cubin(program, source.Name);
        }
        finally
        {
            _ = Nvrtc.nvrtcDestroyProgram(ref program);
        }
    }

    private static byte[] Cubin(nint program, string name)
    {
        Check(Nvrtc.nvrtcGetCUBINSize(program, out nuint bytes), $"nvrtcGetCUBINSize of {name}");
        byte[] cubin = new byte[checked((int)bytes)];
        fixed (byte* first = cubin)
        {
            Check(Nvrtc.nvrtcGetCUBIN(program, first), $"nvrtcGetCUBIN of {name}");
        }

        return cubin;
    }

    private static string Log(nint program)
    {
        Check(Nvrtc.nvrtcGetProgramLogSize(program, out nuint bytes), "nvrtcGetProgramLogSize");
        byte[] log = new byte[checked((int)bytes)];
        fixed (byte* first = log)
        {
            Check(Nvrtc.nvrtcGetProgramLog(program, first), "nvrtcGetProgramLog");
        }

        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n');
    }

    /// <summary>The log, each message "file(12): error" of the source followed by that line.</summary>
    internal static string WithLines(string log, string source)
    {
        string[] lines = source.Split('\n');
        var text = new StringBuilder();
        foreach (string message in log.Split('\n'))
        {
            text.AppendLine(message);
            int open = message.IndexOf('(', StringComparison.Ordinal), close = message.IndexOf("): ", StringComparison.Ordinal);
            if (open > 0 && close > open && int.TryParse(message.AsSpan(open + 1, close - open - 1), out int line) && line >= 1 && line <= lines.Length)
            {
                text.Append("    ").AppendLine(lines[line - 1].Trim());
            }
        }

        return text.ToString().TrimEnd();
    }

    private static void Check(int status, string call)
    {
        if (status != 0)
        {
            throw new CudaException($"{call}: {Marshal.PtrToStringUTF8((nint)Nvrtc.nvrtcGetErrorString(status))}");
        }
    }
}

using System.Diagnostics;
using Actors.Gpu.Compiling;

namespace Actors.Gpu.Tests.Compiling;

/// <summary>The C++ of the kernels is right for every target. NVRTC checks it where it is; elsewhere clang, where that is.</summary>
public sealed class KernelSourceTests : IDisposable
{
    private static readonly string[] Targets = ["sm_80", "sm_90a"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Kernels()
    {
        var data = new TheoryData<string, string>();
        foreach (string name in KernelSource.BuiltIn.Values.Where(source => !source.IsHeader).Select(source => source.Name).Order(StringComparer.Ordinal))
        {
            foreach (string target in Targets)
            {
                data.Add(name, target);
            }
        }

        return data;
    }

    [ClangTheory]
    [MemberData(nameof(Kernels))]
    public void A_kernel_compiles_for_a_target(string kernel, string target)
    {
        foreach (KernelSource source in KernelSource.BuiltIn.Values)
        {
            _folder.Write(source.Name, source.Text);
        }

        string builtIns = Path.Combine(Repository.Root, "tests", "Gpu.Tests", "Compiling", "builtins.h");
        using Process clang = Process.Start(new ProcessStartInfo(
            ClangTheoryAttribute.Program!,
            [
                "-x", "cuda", "--cuda-device-only", $"--cuda-gpu-arch={target}", "-nocudainc", "-nocudalib", "-S", "-o", _folder.File("out.ptx"), "-std=c++17",
                "-Wall", "-Wextra", "-Werror", "-include", builtIns, _folder.File(kernel),
            ])
        {
            RedirectStandardError = true,
        })!;
        string error = clang.StandardError.ReadToEnd();
        clang.WaitForExit();

        Assert.True(clang.ExitCode == 0, error);
    }
}

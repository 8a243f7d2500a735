using System.Text;
using Actors.Gpu.Compiling;

namespace Actors.Gpu.Tests.Compiling;

/// <summary>A compiler whose cubins are the names of what it was given.</summary>
internal sealed class FakeCompiler : IKernelCompiler
{
    private int _compilations;

    public (int Major, int Minor) Version { get; init; } = (12, 8);

    /// <summary>The file that does not compile; null: all do.</summary>
    public string? Faulty { get; init; }

    public int Compilations => _compilations;

    public byte[] Compile(KernelSource source, KernelTarget target)
    {
        if (source.Name == Faulty)
        {
            throw new CudaException($"{source.Name} does not compile");
        }

        Interlocked.Increment(ref _compilations);
        return CubinOf(source, target);
    }

    public static byte[] CubinOf(KernelSource source, KernelTarget target) => Encoding.UTF8.GetBytes($"{source.Name} {target}");
}

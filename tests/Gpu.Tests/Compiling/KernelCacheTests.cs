using Actors.Gpu.Compiling;
using Actors.Gpu.Devices;

namespace Actors.Gpu.Tests.Compiling;

/// <summary>Compiled kernels are kept by what they depend on.</summary>
public sealed class KernelCacheTests : IDisposable
{
    private static readonly KernelSource Source = new("one.cu", "extern \"C\" __global__ void one() {}");
    private static readonly KernelTarget Target = KernelTarget.Of(new GpuArchitecture(8, 0));
    private static readonly byte[] Cubin = FakeCompiler.CubinOf(Source, Target);
    private readonly TemporaryFolder _folder = new();
    private readonly FakeCompiler _compiler = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_kept_is_not_compiled_again()
    {
        Assert.Equal(Cubin, Take());
        Assert.Equal(Cubin, Take());
        Assert.Equal(1, _compiler.Compilations);
    }

    [Fact]
    public void Another_text_target_or_compiler_is_another_file()
    {
        string[] names =
        [
            CubinFile.NameOf(Source, Target, (12, 8)),
            CubinFile.NameOf(Source with { Text = Source.Text + "\n" }, Target, (12, 8)),
            CubinFile.NameOf(Source, KernelTarget.Of(KernelTarget.Hopper), (12, 8)),
            CubinFile.NameOf(Source, KernelTarget.Of(KernelTarget.Hopper, isGeneral: true), (12, 8)),
            CubinFile.NameOf(Source, Target, (13, 0)),
        ];

        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void A_file_that_was_cut_short_is_compiled_again()
    {
        Take();
        string path = Assert.Single(Directory.GetFiles(_folder.Path));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);

        Assert.Equal(Cubin, Take());
        Assert.Equal(2, _compiler.Compilations);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_costs_a_compilation_and_no_more()
    {
        string file = _folder.Write("taken", "");

        Assert.Equal(Cubin, new KernelCache(file).Take(Source, Target, _compiler));
    }

    [Fact]
    public void Nothing_is_left_beside_the_kept_file()
    {
        Take();
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    private byte[] Take() => new KernelCache(_folder.Path).Take(Source, Target, _compiler);
}

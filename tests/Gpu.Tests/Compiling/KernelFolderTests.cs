using Actors.Gpu.Compiling;

namespace Actors.Gpu.Tests.Compiling;

/// <summary>Kernels that were made ahead are taken without a compiler, and what is wrong with their folder is said in one line.</summary>
public sealed class KernelFolderTests : IDisposable
{
    private static readonly KernelTarget Least = Target("sm_80"), Hopper = Target("sm_90a");
    private static readonly KernelSource Source = KernelSource.BuiltIn["add.cu"];
    private readonly TemporaryFolder _folder = new();
    private readonly List<CompiledKernel> _reports = [];

    private string Made => _folder.File("kernels");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kernel_of_every_target_is_taken_from_the_folder_without_a_compiler()
    {
        Build(new FakeCompiler(), Least, Hopper);

        foreach (KernelTarget target in (KernelTarget[])[Least, Hopper])
        {
            CubinStore store = Store(target);
            Assert.All(KernelSource.BuiltIn.Values.Where(source => !source.IsHeader), source => Assert.Equal(FakeCompiler.CubinOf(source, target), store.Take(source)));
        }
    }

    [Fact]
    public void Progress_counts_to_the_last_file()
    {
        BuiltKernels built = Build(new FakeCompiler(), Least);

        Assert.Equal(built.Files, _reports.Count);
        Assert.Equal(Enumerable.Range(1, built.Files), _reports.Select(report => report.Done));
        Assert.All(_reports, report => Assert.True(report.IsNew));
    }

    [Fact]
    public void A_second_build_compiles_only_what_the_folder_lacks_and_removes_what_it_no_longer_lists()
    {
        BuiltKernels first = Build(new FakeCompiler(), Least);
        File.Delete(Directory.GetFiles(Made, "*.cubin")[0]);
        var again = new FakeCompiler();
        Build(again, Least, Hopper);
        Assert.Equal(first.Files + 1, again.Compilations);

        Build(new FakeCompiler(), Hopper);
        Assert.All(Directory.GetFiles(Made, "*.cubin"), file => Assert.Contains("sm_90a", file, StringComparison.Ordinal));
        Assert.Equal([Hopper], KernelFolder.Read(Made).Targets);
    }

    [Theory]
    [InlineData("sm_80", "sm_80")]
    [InlineData("sm_86", "sm_80")]
    [InlineData("sm_89", "sm_86")]
    [InlineData("sm_90a", "sm_90a")]
    [InlineData("sm_90", null)]
    [InlineData("sm_100", null)]
    public void A_card_runs_the_newest_kernels_of_its_generation_that_are_no_newer_than_itself(string card, string? target)
    {
        // sm_89 finds sm_86, which is added only for it.
        Build(new FakeCompiler(), card == "sm_89" ? [Least, Target("sm_86"), Hopper] : [Least, Hopper]);

        Assert.Equal(target is null ? null : Target(target), KernelFolder.Read(Made).TargetFor(Target(card)));
    }

    [Fact]
    public void A_card_that_the_folder_has_nothing_for_is_told_what_to_build()
    {
        Build(new FakeCompiler(), Least, Hopper);

        string message = Assert.Throws<CudaException>(() => Store(Target("sm_100")).Take(Source)).Message;

        Assert.Contains($"{Made}, for sm_80, sm_90a, NVRTC 12.8 has no kernels for sm_100: make them with actors kernels build --architecture sm_100", message, StringComparison.Ordinal);
        Assert.EndsWith("NVRTC is nowhere", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernels_of_another_version_of_the_program_are_named_and_compiled_where_a_compiler_is()
    {
        Build(new FakeCompiler(), Least);
        KernelSource changed = Source with { Text = Source.Text + "\n" };

        string message = Assert.Throws<CudaException>(() => Store(Least).Take(changed)).Message;
        Assert.Contains("has no add.cu of this version of the program", message, StringComparison.Ordinal);

        var compiler = new FakeCompiler();
        Assert.Equal(FakeCompiler.CubinOf(Source, Least), Store(Least, () => compiler).Take(changed));
        Assert.Equal(1, compiler.Compilations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_folder_is_named_with_the_file_also_where_a_compiler_is(bool isMissing)
    {
        Build(new FakeCompiler(), Least);
        string file = Directory.GetFiles(Made, "add-*.cubin").Single();
        if (isMissing)
        {
            File.Delete(file);
        }
        else
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        }

        string message = Assert.Throws<CudaException>(() => Store(Least, () => new FakeCompiler()).Take(Source)).Message;

        Assert.Contains($"{Made} is damaged: {Path.GetFileName(file)} is missing", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("actors-kernels 2\ncompiler 12.8\ntargets sm_80\n")]
    [InlineData("actors-kernels 1\ncompiler new\ntargets sm_80\n")]
    [InlineData("actors-kernels 1\ncompiler 12.8\ntargets sm_70\n")]
    [InlineData("actors-kernels 1\ncompiler 12.8\ntargets sm_80\n../add.cubin\n")]
    public void A_list_that_cannot_be_trusted_is_damaged(string list)
    {
        _folder.Write("kernels/kernels.txt", list);

        Assert.Contains("kernels.txt is damaged", Assert.Throws<CudaException>(() => KernelFolder.Read(Made)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_folder_without_a_list_is_refused_and_none_is_needed_beside_the_program()
    {
        Assert.Contains("has no kernels.txt; make it with actors kernels build", Assert.Throws<CudaException>(() => KernelFolder.Find(Made)).Message, StringComparison.Ordinal);
        Assert.Null(KernelFolder.Find(null));
    }

    [Fact]
    public void A_kernel_that_does_not_compile_leaves_no_list()
    {
        Assert.Equal("add.cu does not compile", Assert.Throws<CudaException>(() => Build(new FakeCompiler { Faulty = "add.cu" }, Least)).Message);
        Assert.False(File.Exists(Path.Combine(Made, KernelFolder.ListFile)));
    }

    private static KernelTarget Target(string name) => KernelTarget.TryParse(name)!.Value;

    private BuiltKernels Build(FakeCompiler compiler, params KernelTarget[] targets) =>
        KernelBuild.Run(Made, targets, compiler, _reports.Add, CancellationToken.None);

    private CubinStore Store(KernelTarget card, Func<IKernelCompiler>? compiler = null) => new(
        card, KernelFolder.Read(Made), new KernelCache(_folder.File("cache")), compiler ?? (() => throw new CudaException("NVRTC is nowhere")));
}

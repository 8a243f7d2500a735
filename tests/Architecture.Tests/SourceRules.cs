using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>What the text of the sources must keep to.</summary>
public sealed partial class SourceRules
{
    private const int MostLines = 400;

    [Fact]
    public void No_file_is_longer_than_400_lines() => Nothing(
        SourceFile.All.Where(file => file.Lines.Length > MostLines).Select(file => $"{file.Path}: {file.Lines.Length} lines"),
        "split it by concept");

    [Fact]
    public void Nothing_is_left_undone() => Nothing(
        SourceFile.All.Where(NotOurs).SelectMany(file => file.Places(line => Undone().IsMatch(line))),
        "do it, or open an issue");

    [Fact]
    public void Tests_do_not_sleep() => Nothing(
        SourceFile.In("tests").Where(NotOurs).SelectMany(file => file.Places(line => Sleeping().IsMatch(line))),
        "wait for a message, or drive virtual time");

    [Fact]
    public void The_runtime_knows_no_backend() => Nothing(
        SourceFile.In("src/Actors").Concat(SourceFile.In("src/Model")).Concat(SourceFile.In("src/Oracle")).SelectMany(file => file.Places(line => Backend().IsMatch(line))),
        "work through Actors.Tensors.IBackend; the command chooses the backend");

    [Fact]
    public void The_runtime_reads_only_memory_that_was_asked_for_as_the_hosts() => Nothing(
        SourceFile.In("src").Where(file => !file.Path.StartsWith("src/Tensors/", StringComparison.Ordinal) && !file.Path.StartsWith("src/Cpu/", StringComparison.Ordinal))
            .SelectMany(file => file.Places(line => HostView().IsMatch(line))),
        "take the tensor with Arena.TakeHost or TensorPool.RentHost, or download it");

    [Fact]
    public void Settings_know_nothing_of_what_runs_by_them() => Nothing(
        SourceFile.In("src/Actors/Configuration").SelectMany(file => file.Places(line => RuntimeRooms().IsMatch(line))),
        "let what runs read the settings; only the sizes in FabricSettings are its own");

    [Fact]
    public void Nothing_lives_in_or_uses_the_insides_of_Akkas_namespaces() => Nothing(
        SourceFile.All.SelectMany(file => file.Places(line => AkkaInsides().IsMatch(line))),
        "use Akka's public API");

    [Fact]
    public void Insides_are_shown_to_tests_only() => Nothing(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(project => Friends().Matches(File.ReadAllText(project)).Select(friend => $"{Path.GetFileName(project)}: {friend.Groups[1].Value}"))
            .Where(friend => !friend.EndsWith(".Tests", StringComparison.Ordinal)),
        "make what the other project needs public, or move it there");

    /// <summary>Asserts that there is nothing to complain about.</summary>
    internal static void Nothing(IEnumerable<string> complaints, string mend)
    {
        string[] all = [.. complaints];
        Assert.True(all.Length == 0, $"{string.Join('\n', all)}\n-> {mend}.");
    }

    /// <summary>These rules name what they forbid.</summary>
    private static bool NotOurs(SourceFile file) => !file.Path.StartsWith("tests/Architecture.Tests/", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b|NotImplementedException")]
    private static partial Regex Undone();

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay")]
    private static partial Regex Sleeping();

    [GeneratedRegex(@"\bActors\.(Cpu|Gpu)\b")]
    private static partial Regex Backend();

    [GeneratedRegex(@"\bnew HostTensor\(|\bHostElements\b")]
    private static partial Regex HostView();

    [GeneratedRegex(@"^using Actors\.Runtime\.(?!Fabric;)")]
    private static partial Regex RuntimeRooms();

    [GeneratedRegex(@"^namespace Akka\b|\bAkka(\.\w+)*\.(Internal|SysMsg)\b")]
    private static partial Regex AkkaInsides();

    [GeneratedRegex("<InternalsVisibleTo Include=\"([^\"]+)\"")]
    private static partial Regex Friends();
}

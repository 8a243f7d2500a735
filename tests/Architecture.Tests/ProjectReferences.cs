using System.Xml.Linq;

namespace Actors.Architecture.Tests;

/// <summary>References between projects point one way: up the list in docs/architecture.md.</summary>
public sealed class ProjectReferences
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Schedules"] = [],
        ["Tensors"] = [],
        ["Cpu"] = ["Tensors"],
        ["Gpu"] = ["Tensors"],
        ["Model"] = ["Tensors"],
        ["Oracle"] = ["Model"],
        ["Actors"] = ["Schedules", "Tensors", "Model"],
        ["Simulation"] = ["Schedules", "Tensors", "Model", "Actors"],
        ["Cli"] = ["Schedules", "Tensors", "Cpu", "Gpu", "Model", "Oracle", "Actors", "Simulation"],
    };

    public static TheoryData<string> SourceProjects()
    {
        var data = new TheoryData<string>();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            data.Add(Path.GetFileNameWithoutExtension(path));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_references_only_what_lies_above_it(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out string[]? allowed), $"src/{project} has no row in the table of allowed references.");
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
        foreach (string reference in References(file))
        {
            Assert.True(allowed.Contains(reference), $"src/{project} references {reference}; allowed are: {string.Join(", ", allowed)}.");
        }
    }

    private static IEnumerable<string> References(XDocument file)
    {
        foreach (XElement reference in file.Descendants("ProjectReference"))
        {
            yield return Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
        }
    }
}

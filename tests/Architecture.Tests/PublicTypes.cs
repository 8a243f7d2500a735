using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>A public type lies in the file of its name, alone or with the family that the list names.</summary>
public sealed partial class PublicTypes
{
    /// <summary>Files that share a family: messages of one conversation, a type with the small ones that only it has.</summary>
    private static readonly string[] Families =
    [
        "src/Actors/Cluster/Messages.cs", "src/Actors/Cluster/Processes/Messages.cs", "src/Actors/Cluster/Processes/Serving/Messages.cs",
        "src/Actors/Fabric/GroupAddresses.cs",
        "src/Actors/Fabric/Messages.cs",
        "src/Actors/Pipeline/Messages.cs",
        "src/Actors/Pipeline/TraceEvent.cs",
        "src/Actors/Serving/Messages.cs",
        "src/Actors/Training/Checkpoints/Messages.cs",
        "src/Actors/Training/Copies/Messages.cs",
        "src/Actors/Training/Messages.cs",
        "src/Actors/Training/Reports/TrainingReport.cs",
        "src/Model/Training/CheckpointConversion.cs", "src/Model/Training/CheckpointVerification.cs",
        "src/Actors/Training/Results/Messages.cs",
        "src/Model/RopeConfig.cs",
        "src/Tensors/ElementType.cs",
        "src/Tensors/IStream.cs",
        "src/Tensors/Operations/IAttentionOperations.cs",
        "src/Tensors/Operations/IOptimizerOperations.cs",
        "src/Tensors/Operations/IRoutingOperations.cs",
    ];

    [Fact]
    public void A_public_type_lies_in_the_file_of_its_name() => SourceRules.Nothing(
        SourceFile.In("src").Where(file => !Families.Contains(file.Path)).SelectMany(Strangers),
        "move it to a file of its own name, or name the file in this test's list of families");

    [Fact]
    public void The_list_of_families_names_no_file_that_needs_no_exception() => SourceRules.Nothing(
        Families.Except(SourceFile.In("src").Where(file => Strangers(file).Any()).Select(file => file.Path)),
        "take it out of the list");

    private static IEnumerable<string> Strangers(SourceFile file)
    {
        string name = Path.GetFileName(file.Path).Split('.')[0];
        return file.Lines.Select(line => Declaration().Match(line)).Where(match => match.Success && match.Groups[1].Value != name)
            .Select(match => $"{file.Path}: {match.Groups[1].Value}");
    }

    /// <summary>A public type at the left margin: sources have file-scoped namespaces, so it is no nested one.</summary>
    [GeneratedRegex(@"^public (?:(?:sealed|abstract|static|readonly|partial|unsafe|ref) )*(?:record struct|record|class|struct|interface|enum|delegate \S+) (\w+)")]
    private static partial Regex Declaration();
}

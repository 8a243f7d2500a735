using Actors.Runtime.Data;

namespace Actors.Cli.BuiltIn;

/// <summary>The text of a run that names none: this project's own C# sources, as they were when the command was built.</summary>
internal static class BuiltInText
{
    /// <summary>The sources, one after the other in the ordinal order of their paths.</summary>
    /// <param name="heldOutFraction">Share of the text, at its end, that is held out.</param>
    public static ByteCorpus Load(double heldOutFraction) =>
        ByteCorpus.Of("of this project's sources", [.. BuiltInResources.In("src/").Select(path => BuiltInResources.Read(path)!)], heldOutFraction);
}

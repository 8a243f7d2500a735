using System.Collections.Immutable;

namespace Actors.Model;

/// <summary>The tokens that end a text, in the form of the hub's <c>eos_token_id</c>: none, one, or a list.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="IsList">Whether they stand in a list, which may hold one or none.</param>
public sealed record EndTokens(ImmutableArray<int> Ids, bool IsList)
{
    /// <summary>Nothing ends a text: null.</summary>
    public static EndTokens None { get; } = new([], IsList: false);

    /// <summary>One token, or none for null.</summary>
    public static EndTokens Of(int? id) => id is { } token ? new EndTokens([token], IsList: false) : None;

    /// <summary>The same tokens in the same form.</summary>
    public bool Equals(EndTokens? other) => other is not null && IsList == other.IsList && Ids.AsSpan().SequenceEqual(other.Ids.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(IsList);
        foreach (int id in Ids)
        {
            hash.Add(id);
        }

        return hash.ToHashCode();
    }

    /// <summary>The tokens, separated by commas.</summary>
    public override string ToString() => string.Join(", ", Ids);
}

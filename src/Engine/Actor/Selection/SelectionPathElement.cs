namespace Akka.Actor;

/// <summary>One step of a selection.</summary>
public abstract class SelectionPathElement
{
    private protected SelectionPathElement()
    {
    }
}

/// <summary>The step to the child of a name.</summary>
public class SelectChildName : SelectionPathElement
{
    /// <summary>Creates the step.</summary>
    public SelectChildName(string name) => Name = name;

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SelectChildName other && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The step to the children whose names fit a pattern.</summary>
public class SelectChildPattern : SelectionPathElement
{
    /// <summary>Creates the step.</summary>
    /// <param name="patternStr"><c>*</c> stands for any text, <c>?</c> for any character.</param>
    public SelectChildPattern(string patternStr) => PatternStr = patternStr;

    /// <summary>The pattern.</summary>
    public string PatternStr { get; }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SelectChildPattern other && PatternStr == other.PatternStr;

    /// <inheritdoc/>
    public override int GetHashCode() => PatternStr.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => PatternStr;

    /// <summary>Whether a name fits.</summary>
    internal bool Fits(ReadOnlySpan<char> name) => Fits(PatternStr, name);

    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1; // let the star take one character more
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }
}

/// <summary>The step to everything below, at every depth.</summary>
public class SelectChildRecursive : SelectionPathElement
{
    /// <summary>The only instance needed.</summary>
    public static readonly SelectChildRecursive Instance = new();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SelectChildRecursive;

    /// <inheritdoc/>
    public override int GetHashCode() => 2;

    /// <inheritdoc/>
    public override string ToString() => "**";
}

/// <summary>The step to the parent.</summary>
public class SelectParent : SelectionPathElement
{
    /// <summary>The only instance needed.</summary>
    public static readonly SelectParent Instance = new();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SelectParent;

    /// <inheritdoc/>
    public override int GetHashCode() => 1;

    /// <inheritdoc/>
    public override string ToString() => "..";
}

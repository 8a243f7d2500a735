using System.Diagnostics.CodeAnalysis;

namespace Akka.Actor;

/// <summary>
/// An actor's place in the tree of its system: address, names from the root down, and the incarnation's unique id.
/// Two paths are equal when address and names are; the id tells incarnations of one name apart and is not compared.
/// </summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>The symbols that a name may hold besides ASCII letters and digits.</summary>
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private string? _withoutAddress;
    private string? _withAddress;
    private string[]? _elements;

    private protected ActorPath(Address address, ActorPath? parent, string name, long uid)
    {
        Address = address;
        Parent = parent ?? this;
        Name = name;
        Uid = uid;
        Depth = parent is null ? 0 : parent.Depth + 1;
    }

    /// <summary>The address of the actor's system.</summary>
    public Address Address { get; }

    /// <summary>The last name of the path; empty at the root.</summary>
    public string Name { get; }

    /// <summary>The incarnation's id; 0 when the path means whichever incarnation is there.</summary>
    public long Uid { get; }

    /// <summary>How many names lie between this path and its root.</summary>
    public int Depth { get; }

    /// <summary>The path one level up; the root is its own parent.</summary>
    public ActorPath Parent { get; }

    /// <summary>The path's root.</summary>
    public ActorPath Root => ParentOf(0);

    /// <summary>The names from the root down, without the root.</summary>
    public IReadOnlyList<string> Elements => _elements ??= CollectElements();

    /// <summary>The path of a child of this actor; a <c>#id</c> at its end becomes the incarnation's id.</summary>
    public ActorPath Child(string childName) => this / childName;

    /// <summary>The ancestor at <paramref name="depth"/> (0: root), counted from the end when negative.</summary>
    public ActorPath ParentOf(int depth)
    {
        ActorPath path = this;
        int target = depth >= 0 ? depth : Depth + depth;
        while (path.Depth > Math.Max(target, 0))
        {
            path = path.Parent;
        }

        return path;
    }

    /// <summary>The same path with another incarnation's id.</summary>
    public ActorPath WithUid(long uid) => uid == Uid || Depth == 0 ? this : new ChildActorPath(Parent, Name, uid);

    /// <summary>Whether <paramref name="s"/> may name an actor: not empty, ASCII letters, digits and <see cref="ValidSymbols"/>, no <c>$</c> in front.</summary>
    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
        {
            return false;
        }

        for (int i = 0; i < s.Length; i++)
        {
            char c = s[i];
            if (c == '%' && i + 2 < s.Length && char.IsAsciiHexDigit(s[i + 1]) && char.IsAsciiHexDigit(s[i + 2]))
            {
                i += 2;
            }
            else if (!char.IsAsciiLetterOrDigit(c) && !ValidSymbols.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Parses a full path, <c>akka://system/user/name</c>.</summary>
    /// <exception cref="UriFormatException">The text is not a full path.</exception>
    public static ActorPath Parse(string path) =>
        TryParse(path, out ActorPath? result)
            ? result
            : throw new UriFormatException($"'{path}' is not an actor path: write protocol://system/user/name.");

    /// <summary>Parses a full path; false when the text is none.</summary>
    public static bool TryParse(string path, [NotNullWhen(true)] out ActorPath? actorPath)
    {
        actorPath = null;
        if (!Address.TryParse(path, out Address? address))
        {
            return false;
        }

        int slash = path.IndexOf('/', path.IndexOf("://", StringComparison.Ordinal) + 3);
        actorPath = new RootActorPath(address);
        if (slash >= 0)
        {
            foreach (string element in path[(slash + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                actorPath /= element;
            }
        }

        return true;
    }

    /// <summary>The names joined, with a slash in front.</summary>
    public static string FormatPathElements(IEnumerable<string> pathElements) => "/" + string.Join('/', pathElements);

    /// <summary>The path without its address, <c>/user/name</c>.</summary>
    public string ToStringWithoutAddress() => _withoutAddress ??= FormatPathElements(Elements);

    /// <summary>The path with its own address, <c>akka://system/user/name</c>.</summary>
    public string ToStringWithAddress() => _withAddress ??= Address + ToStringWithoutAddress();

    /// <summary>The path with <paramref name="address"/> where its own has local scope.</summary>
    public string ToStringWithAddress(Address address) => (Address.HasLocalScope ? address : Address) + ToStringWithoutAddress();

    /// <summary>The path with its address and incarnation's id, <c>akka://system/user/name#17</c>.</summary>
    public string ToStringWithUid() => Uid == 0 ? ToStringWithAddress() : $"{ToStringWithAddress()}#{Uid}";

    /// <summary>The text that names this incarnation for other processes.</summary>
    public string ToSerializationFormat() => ToStringWithUid();

    /// <summary>The same with <paramref name="address"/> where the path's own has local scope.</summary>
    public string ToSerializationFormatWithAddress(Address address) =>
        Uid == 0 ? ToStringWithAddress(address) : $"{ToStringWithAddress(address)}#{Uid}";

    /// <inheritdoc/>
    public override string ToString() => ToStringWithAddress();

    /// <inheritdoc/>
    public bool Equals(ActorPath? other)
    {
        if (other is null || other.Depth != Depth)
        {
            return false;
        }

        ActorPath left = this;
        ActorPath right = other;
        while (!ReferenceEquals(left, right))
        {
            if (left.Depth == 0)
            {
                return left.Address.Equals(right.Address) && left.Name == right.Name;
            }

            if (left.Name != right.Name)
            {
                return false;
            }

            left = left.Parent;
            right = right.Parent;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        ActorPath path = this;
        for (; path.Depth > 0; path = path.Parent)
        {
            hash.Add(path.Name, StringComparer.Ordinal);
        }

        hash.Add(path.Address);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public int CompareTo(ActorPath? other) => string.CompareOrdinal(ToStringWithAddress(), other?.ToStringWithAddress());

    /// <summary>The path of the child with that name.</summary>
    public static ActorPath operator /(ActorPath path, string name)
    {
        int hash = name.LastIndexOf('#');
        return hash > 0 && long.TryParse(name.AsSpan(hash + 1), out long uid)
            ? new ChildActorPath(path, name[..hash], uid)
            : new ChildActorPath(path, name, 0);
    }

    /// <summary>The path that follows the names down.</summary>
    public static ActorPath operator /(ActorPath path, IEnumerable<string> name)
    {
        foreach (string element in name)
        {
            if (element.Length > 0)
            {
                path /= element;
            }
        }

        return path;
    }

    /// <summary>Equality of address and names.</summary>
    public static bool operator ==(ActorPath? left, ActorPath? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Inequality of address or names.</summary>
    public static bool operator !=(ActorPath? left, ActorPath? right) => !(left == right);

    private string[] CollectElements()
    {
        string[] elements = new string[Depth];
        ActorPath path = this;
        for (int i = Depth - 1; i >= 0; i--)
        {
            elements[i] = path.Name;
            path = path.Parent;
        }

        return elements;
    }
}

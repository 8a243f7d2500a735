namespace Actors.Runtime.Configuration;

/// <summary>A part of a value; HOCON joins the parts that stand beside each other.</summary>
internal abstract record ValuePart
{
    /// <summary>Characters and elements, for the limit of what substitutions may grow to.</summary>
    public virtual long Size => 1;

    /// <summary>The substitutions in this part.</summary>
    public virtual IEnumerable<SubstitutionPart> Substitutions => [];

    /// <summary>The part in HOCON's plainest form.</summary>
    public virtual string Text => "";
}

/// <summary>A text, number, boolean or null.</summary>
/// <param name="Content">Its characters.</param>
/// <param name="IsBlank">Whether it is only what separates two parts.</param>
internal sealed record TextPart(string Content, bool IsBlank = false) : ValuePart
{
    public override long Size => Content.Length + 1;

    public override string Text => ConfigurationOverride.Quoted(Content);
}

/// <summary>A list; each element has parts of its own.</summary>
internal sealed record ListPart(IReadOnlyList<IReadOnlyList<ValuePart>> Elements) : ValuePart
{
    public override long Size { get; } = 1 + Elements.Sum(element => element.Sum(part => part.Size));

    public override IEnumerable<SubstitutionPart> Substitutions => Elements.SelectMany(e => e).SelectMany(part => part.Substitutions);

    public override string Text => $"[{string.Join(", ", Elements.Select(element => string.Concat(element.Select(part => part.Text))))}]";
}

/// <summary>The value of another key.</summary>
/// <param name="Path">The key.</param>
/// <param name="Prefix">The section that includes the file; the key is looked for there first.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
internal sealed record SubstitutionPart(string Path, string Prefix, bool IsOptional) : ValuePart
{
    public override IEnumerable<SubstitutionPart> Substitutions => [this];

    public override string Text => $"${{{(IsOptional ? "?" : "")}{Path}}}";
}

/// <summary>An object without keys.</summary>
internal sealed record EmptyObjectPart : ValuePart;

namespace Actors.Tests.Reference;

/// <summary>A theory over the reference cases; skipped where they do not lie beside the checkout.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReferenceTheoryAttribute : TheoryAttribute
{
    public ReferenceTheoryAttribute()
    {
        if (ReferenceCase.Root is null)
        {
            Skip = "The reference cases are not here: there is no shared/reference beside or above the checkout.";
        }
    }
}

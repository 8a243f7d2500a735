using System.Reflection;
using Xunit.Sdk;

namespace Actors.Tests.Support.Reference;

/// <summary>A theory's row for a reference case, named by the row's first value; skipped where the case is not here.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReferenceDataAttribute : DataAttribute
{
    private readonly object[] _row;

    public ReferenceDataAttribute(string name, params object[] rest)
    {
        _row = [name, .. rest];
        if (ReferenceCase.FindFolder(name) is null)
        {
            Skip = $"There is no reference case {name}, neither in tests/Support/Reference/cases nor in shared/reference beside the checkout: see bench/README.md.";
        }
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [_row];
}

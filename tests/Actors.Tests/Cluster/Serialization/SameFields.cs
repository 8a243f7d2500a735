using System.Collections;
using System.Reflection;
using Akka.Actor;

namespace Actors.Runtime.Tests.Cluster.Serialization;

/// <summary>Compares messages field by field: records compare arrays by where they lie.</summary>
internal static class SameFields
{
    public static void AssertSame(object? expected, object? actual, string where)
    {
        if (expected is null or string or IActorRef || expected.GetType() is { IsPrimitive: true } or { IsEnum: true })
        {
            Assert.True(Equals(expected, actual), $"{where}: {actual}, expected {expected}");
            return;
        }

        if (expected is IEnumerable list)
        {
            object?[] from = [.. list.Cast<object?>()], to = [.. ((IEnumerable)actual!).Cast<object?>()];
            Assert.True(from.Length == to.Length, $"{where}: {to.Length} elements, expected {from.Length}");
            for (int i = 0; i < from.Length; i++)
            {
                AssertSame(from[i], to[i], $"{where}[{i}]");
            }

            return;
        }

        Assert.Equal(expected.GetType(), actual!.GetType());
        foreach (PropertyInfo property in expected.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            AssertSame(property.GetValue(expected), property.GetValue(actual), $"{where}.{property.Name}");
        }
    }
}

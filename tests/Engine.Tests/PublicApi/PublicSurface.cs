using System.Reflection;
using System.Text;

namespace Akka.Tests.PublicApi;

/// <summary>An assembly's public types and members as text, a line each, in order.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            foreach (string member in type.GetMembers(Declared).Select(Line).OfType<string>().Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>What of a surface an assembly lacks, inherited members and bases counted in.</summary>
    public static IEnumerable<string> Missing(IEnumerable<string> surface, Assembly assembly)
    {
        Dictionary<string, Type> types = assembly.GetExportedTypes().ToDictionary(Name);
        HashSet<string> offered = [];
        string name = string.Empty;
        foreach (string line in surface)
        {
            if (line.StartsWith(' '))
            {
                if (offered.Count > 0 && !offered.Contains(line.Trim()))
                {
                    yield return $"{name}: {line.Trim()}";
                }

                continue;
            }

            string[] declared = line.Split(" : ");
            name = declared[0][(declared[0].IndexOf("Akka.", StringComparison.Ordinal))..];
            offered = types.TryGetValue(name, out Type? type) ? [.. Offered(type)] : [];
            if (type is null)
            {
                yield return name;
            }
            else if (declared.Length > 1 && !Offered(type).Contains(": " + declared[1].Split(", ")[0]))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Offered(Type type)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            yield return ": " + Name(level);
            foreach (string line in level.GetMembers(Declared).Select(Line).OfType<string>())
            {
                yield return line;
            }
        }

        foreach (Type face in type.GetInterfaces())
        {
            yield return ": " + Name(face);
        }
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
        : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string Bases(Type type)
    {
        if (type.IsEnum || type.IsValueType || typeof(Delegate).IsAssignableFrom(type))
        {
            return string.Empty;
        }

        IEnumerable<string> bases = type.GetInterfaces().Where(face => face.IsVisible).Select(Name).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object))
        {
            bases = bases.Prepend(Name(parent));
        }

        string joined = string.Join(", ", bases);
        return joined.Length > 0 ? " : " + joined : joined;
    }

    private static string? Line(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } constructor when IsVisible(constructor) => $"{Access(constructor)}.ctor({Parameters(constructor)})",
        MethodInfo { IsSpecialName: false } method when IsVisible(method) => Method(method),
        MethodInfo { IsSpecialName: true } method when IsVisible(method) && method.Name.StartsWith("op_", StringComparison.Ordinal) => Method(method),
        PropertyInfo property => Property(property),
        FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly =>
            $"{(field.IsPublic ? string.Empty : "protected ")}{(field.IsLiteral ? "const " : field.IsStatic ? "static " : string.Empty)}{Name(field.FieldType)} {field.Name}",
        _ => null,
    };

    private static string Method(MethodInfo method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : string.Empty;
        return $"{Access(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string? Property(PropertyInfo property)
    {
        MethodInfo? getter = property.GetMethod is { } get && IsVisible(get) ? get : null;
        MethodInfo? setter = property.SetMethod is { } set && IsVisible(set) ? set : null;
        MethodInfo? either = getter ?? setter;
        string accessors = (getter is null ? string.Empty : "get; ") + (setter is null ? string.Empty : "set; ");
        return either is null ? null : $"{Access(either)}{Name(property.PropertyType)} {property.Name} {{ {accessors}}}";
    }

    private static string Access(MethodBase method) =>
        (method.IsPublic ? string.Empty : "protected ") + (method.IsStatic ? "static " : string.Empty);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.IsByRef)
        {
            return "ref " + Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        string name = (type.FullName ?? $"{type.Namespace}.{type.Name}").Split('[')[0].Replace('+', '.');
        if (!type.IsGenericType)
        {
            return name;
        }

        string plain = global::System.Text.RegularExpressions.Regex.Replace(name, "`\\d+", string.Empty);
        return $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}

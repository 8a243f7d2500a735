using System.Text;
using Actors.Runtime.Configuration;

namespace Actors.Cli.BuiltIn;

/// <summary>The profiles of the folder hocon, which the command carries so that it needs no checkout.</summary>
internal static class BuiltInProfiles
{
    /// <summary>The profile where none is named.</summary>
    public const string Default = Folder + "quickstart.conf";

    private const string Folder = "hocon/";
    private const string Prefix = "built-in ";

    /// <summary>Short names: quickstart, shakespeare.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. BuiltInResources.In(Folder).Select(path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>
    /// What a profile's name means: a file, or else a built-in profile, by its path in the repository or by its short name.
    /// </summary>
    /// <returns>The path, or <c>built-in hocon/quickstart.conf</c>, which <see cref="Read"/> knows.</returns>
    /// <exception cref="UsageException">It is a plain name, and nothing has it.</exception>
    public static string Resolve(string profile)
    {
        bool isName = profile.Length > 0 && profile.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        string path = isName ? $"{Folder}{profile}.conf" : profile;
        return File.Exists(profile) ? profile
            : BuiltInResources.In(path) is [var found, ..] && found == path ? Prefix + path
            : isName ? throw new UsageException(
                $"there is no profile {profile}: name a file, such as my.conf, or a built-in one: {string.Join(", ", Names)}")
            : profile;
    }

    /// <summary>Text of a profile by its path, built-in or a file; null where it does not exist.</summary>
    public static string? TextOf(string path) => Read(path) ?? ProfileFile.Read(path);

    /// <summary>Text of a built-in profile that <see cref="Resolve"/> named, or that one includes; null for any other path.</summary>
    public static string? Read(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) && BuiltInResources.Read(path[Prefix.Length..].Replace('\\', '/')) is { } bytes
            ? Encoding.UTF8.GetString(bytes)
            : null;
}

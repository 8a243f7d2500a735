using System.Globalization;
using System.Text.Json;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using FsCheck;
using FsCheck.Fluent;
using Config = Akka.Configuration.Config;

namespace Akka.Tests.Configuration;

/// <summary>Laws that hold for every tree.</summary>
public sealed class Laws
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Elements("", " ", "null", "true", "1.50", "a b", "${x}", "#", "//", "\"", "\\", "\n\t\u0001", "é😀", "include", "a.b", "1e+5"),
        ArbMap.Default.GeneratorFor<string?>().Select(s => Clean(s ?? "")));

    private static readonly Gen<string> Keys = Gen.Frequency((4, Gen.Elements("a", "b", "c")), (1, Texts));

    /// <summary>JSON documents whose root is an object; keys are few, so that two of them meet often.</summary>
    private static readonly Arbitrary<string> Documents = Gen.Sized(size => Tree(Math.Min(size, 12))).ToArbitrary();

    [Fact]
    public void JSON_documents_read_as_System_Text_Json_reads_them() =>
        Prop.ForAll(Documents, json =>
        {
            using var document = JsonDocument.Parse(json);
            Assert.Equal(Show(document.RootElement), Shown.Of(json));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Printing_and_parsing_gives_the_same_tree() =>
        Prop.ForAll(Documents, json =>
        {
            Config config = json;
            string printed = config.ToString();
            Assert.Equal(Shown.Of(config), Shown.Of(printed));
            Assert.Equal(printed, ((Config)printed).ToString());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Fallbacks_associate() =>
        Prop.ForAll(Documents, Documents, Documents, (a, b, c) =>
            Assert.Equal(Shown.Of(((Config)a).SafeWithFallback(b).SafeWithFallback(c)), Shown.Of(((Config)a).SafeWithFallback(((Config)b).SafeWithFallback(c)))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Files_merge_as_duplicate_keys_of_one_file_do() =>
        Prop.ForAll(Documents, Documents, Documents, (a, b, c) =>
            Assert.Equal(Shown.Of($"{Fields(c)}\n{Fields(b)}\n{Fields(a)}"), Shown.Of(((Config)a).SafeWithFallback(b).SafeWithFallback(c))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Objects_on_a_line_merge_as_duplicate_keys_do() =>
        Prop.ForAll(Documents, Documents, (a, b) => Assert.Equal(Shown.Of($"x = {a}, x = {b}"), Shown.Of($"x = {a} {b}"))).QuickCheckThrowOnFailure();

    [Fact]
    public void Including_is_writing_the_fields_in_place() =>
        Prop.ForAll(Documents, Documents, (a, b) =>
            Assert.Equal(
                Shown.Of($"k {{\n{Fields(a)}\n{Fields(b)}\n}}"),
                Shown.Of(ConfigurationFactory.ParseString($"k {{\n{Fields(a)}\ninclude \"b\"\n}}", _ => Parser.Parse(b, null)))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_brings_any_other_exception()
    {
        Gen<string> parts = Gen.Elements(
            "a", "b", " ", "\n", "=", "+=", ":", ".", ",", "{", "}", "[", "]", "\"", "\"\"\"", "${", "${?", "$", "#", "//", "\\", "1", "-", "null", "include ");
        Prop.ForAll(parts.ListOf().ToArbitrary(), list =>
        {
            try
            {
                return ConfigurationFactory.ParseString(string.Concat(list)).Root.IsObject();
            }
            catch (ConfigurationException e)
            {
                return e.Message.StartsWith("line ", StringComparison.Ordinal) && !e.Message.Contains('\n');
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static string Fields(string document) => document[1..^1];

    private static Gen<string> Tree(int size) =>
        from count in Gen.Choose(0, 4)
        from keys in Keys.ListOf(count)
        from values in Value(size / 2).ListOf(count)
        select "{" + string.Join(", ", keys.Distinct().Zip(values, (k, v) => $"{JsonSerializer.Serialize(k)}: {v}")) + "}";

    private static Gen<string> Value(int size)
    {
        Gen<string> leaf = Gen.OneOf(
            Texts.Select(t => JsonSerializer.Serialize(t)),
            Gen.Elements("null", "true", "false", "0", "-1", "1e5", "1E+5", "-0.25e-7", "[]", "{}"),
            ArbMap.Default.GeneratorFor<int>().Select(i => i.ToString(CultureInfo.InvariantCulture)));
        if (size == 0)
            return leaf;
        Gen<string> list =
            from count in Gen.Choose(0, 3)
            from items in Value(size / 2).ListOf(count)
            select "[" + string.Join(" ,\n", items) + "]";
        return Gen.OneOf(leaf, Tree(size), list);
    }

    /// <summary>Drops lone surrogates, which JSON can't carry.</summary>
    private static string Clean(string text) => string.Concat(text.Where(c => !char.IsSurrogate(c)));

    private static string Show(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var fields = element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{Show(p.Value)}");
                return $"{{{string.Join(',', fields)}}}";
            case JsonValueKind.Array:
                return $"[{string.Join(',', element.EnumerateArray().Select(Show))}]";
            case JsonValueKind.String:
                return element.GetString()!;
            default:
                return element.GetRawText();
        }
    }
}

namespace Actors.Cli.Progress;

/// <summary>Text of a model, made harmless for a terminal: control characters other than line breaks and tabs become a sign.</summary>
internal static class PrintableText
{
    private const char Sign = '\uFFFD';

    public static string Of(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = char.IsControl(source[i]) && source[i] is not ('\n' or '\t') ? Sign : source[i];
        }
    });
}

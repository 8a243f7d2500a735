using System.Text;

namespace Actors.Cli;

/// <summary>Takes lines for people while a command runs: to stderr, or above what is being redrawn, which would erase them.</summary>
/// <param name="error">Stderr.</param>
internal sealed class NoticeWriter(TextWriter error) : TextWriter
{
    private volatile Action<string>? _above;

    /// <inheritdoc/>
    public override Encoding Encoding => error.Encoding;

    /// <summary>Writes lines above a live view; null: to stderr again.</summary>
    public void WriteAbove(Action<string>? above) => _above = above;

    /// <inheritdoc/>
    public override void Write(char value) => error.Write(value);

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        if (_above is { } above)
        {
            above(value ?? "");
        }
        else
        {
            error.WriteLine(value);
        }
    }
}

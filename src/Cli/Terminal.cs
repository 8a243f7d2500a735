namespace Actors.Cli;

/// <summary>Where the command writes.</summary>
/// <param name="Output">Results.</param>
/// <param name="Error">Errors, notices and summaries.</param>
/// <param name="IsInteractive">Whether a person watches the output and lines can be redrawn.</param>
/// <param name="Width">Columns of a line.</param>
/// <param name="HasColor">Whether colours may be used.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, bool IsInteractive, int Width, bool HasColor)
{
    private const int DefaultWidth = 120;

    /// <summary>That of the process. A terminal that calls itself dumb, and NO_COLOR, are respected.</summary>
    public static Terminal OfProcess()
    {
        bool isInteractive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        bool hasColor = isInteractive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(Console.Out, Console.Error, isInteractive, isInteractive ? WidthOfWindow() : DefaultWidth, hasColor);
    }

    private static int WidthOfWindow()
    {
        try
        {
            return Console.WindowWidth >= 20 ? Console.WindowWidth : DefaultWidth;
        }
        catch (IOException)
        {
            return DefaultWidth;
        }
    }
}

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

    private bool _isWindow;

    /// <summary>Columns of a line now: a window may have changed since the start.</summary>
    public int Columns => _isWindow ? WidthOfWindow() : Width;

    /// <summary>Notices of a running command.</summary>
    public NoticeWriter Notices { get; } = new(Error);

    /// <summary>How the command was started: <c>actors</c>, or what runs it.</summary>
    public string StartedAs { get; init; } = CommandHelp.RootName;

    /// <summary>What is piped in, byte by byte.</summary>
    public Stream Input { get; init; } = Stream.Null;

    /// <summary>Whether <see cref="Input"/> comes from a file or another command and not from a keyboard.</summary>
    public bool IsInputRedirected { get; init; }

    /// <summary>That of the process. A terminal that calls itself dumb, and NO_COLOR, are respected.</summary>
    public static Terminal OfProcess()
    {
        bool isInteractive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        bool hasColor = isInteractive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(Console.Out, Console.Error, isInteractive, isInteractive ? WidthOfWindow() : DefaultWidth, hasColor)
        {
            _isWindow = isInteractive,
            StartedAs = CommandName.OfProcess(),
            Input = Console.OpenStandardInput(),
            IsInputRedirected = Console.IsInputRedirected,
        };
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

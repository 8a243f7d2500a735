using System.CommandLine;

namespace Actors.LoadTests.CommandLine;

/// <summary>Runs a command line. An error is one line; wrong input ends with 2, a failure with 1.</summary>
internal static class Invocation
{
    private static readonly char[] LineBreaks = ['\r', '\n', '\t'];

    /// <summary>Parses and runs.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="isFailure">What else than faults of files and checks is a failure with a message of its own; null: nothing.</param>
    public static async Task<int> RunAsync(RootCommand root, string[] arguments, Func<Exception, bool>? isFailure = null)
    {
        try
        {
            var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await Parse(root, arguments).InvokeAsync(settings);
        }
        catch (UsageException usage)
        {
            Console.Error.WriteLine(usage.Message);
            return 2;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CheckFailedException or TimeoutException or OutOfMemoryException || isFailure?.Invoke(failure) == true)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    /// <summary>Parses.</summary>
    /// <exception cref="UsageException">The command line is wrong.</exception>
    public static ParseResult Parse(Command root, params string[] arguments)
    {
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors is [var first, ..]
            ? throw new UsageException($"{string.Join(' ', first.Message.Split(LineBreaks, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')}; --help lists the options.")
            : parsed;
    }
}

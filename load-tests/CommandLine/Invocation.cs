using System.CommandLine;
using Actors.Gpu;

namespace Actors.LoadTests.CommandLine;

/// <summary>Runs a command line. An error is one line; wrong input ends with 2, a failure with 1.</summary>
internal static class Invocation
{
    private static readonly char[] LineBreaks = ['\r', '\n', '\t'];

    /// <summary>Parses and runs.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
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
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CheckFailedException or TimeoutException or OutOfMemoryException or CudaException)
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

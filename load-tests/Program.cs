using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Messages;
using Actors.LoadTests.Routing;

namespace Actors.LoadTests;

/// <summary>The load test's commands.</summary>
internal static class Program
{
    private const string Usage = """
        Usage: dotnet run -c Release --project load-tests -- SCENARIO [options]

        Scenarios:
          routing    tokens through gate, dispatch, identity experts and combine, all ranks in one process
          messages   messages between actors: one-way, ping-pong pairs, fan-in

        SCENARIO --help lists its options.
        """;

    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            switch (arguments.FirstOrDefault())
            {
                case null or "--help" or "-h":
                    Console.WriteLine(Usage);
                    return arguments.Length == 0 ? 2 : 0;
                case "routing":
                    return await RoutingCommand.RunAsync(arguments[1..]);
                case "messages":
                    return await MessagesCommand.RunAsync(arguments[1..]);
                default:
                    throw new UsageException($"There is no scenario '{arguments[0]}': choose routing or messages.");
            }
        }
        catch (UsageException usage)
        {
            Console.Error.WriteLine(usage.Message);
            return 2;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CheckFailedException or TimeoutException or OutOfMemoryException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }
}

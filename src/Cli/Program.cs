using Actors.Cli;

using var interruption = Interruption.OfProcess(Console.Error);
return await ActorsCommand.RunAsync(args, Terminal.OfProcess(), runs: null, interruption.Token);

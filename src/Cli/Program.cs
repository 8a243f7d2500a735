using Actors.Cli;
using Actors.Cli.Runs;

var terminal = Terminal.OfProcess();
using var interruption = Interruption.OfProcess(terminal.Notices);
return await ActorsCommand.RunAsync(args, terminal, new ModelRuns(new Composition { Log = terminal.Notices }), interruption.Token);

using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor.Internal;

/// <summary>Starts the loggers that the configuration names.</summary>
internal static class Loggers
{
    private const string DefaultLogger = "Akka.Event.DefaultLogger";

    public static void Start(ActorSystemImpl system, StandardErrorLogger standardError)
    {
        bool keepsStandardError = false;
        int number = 0;
        foreach (string className in system.Settings.Loggers)
        {
            if (className.Split(',')[0].Trim() == DefaultLogger)
            {
                keepsStandardError = true;
            }
            else
            {
                Start(system, className, ++number);
            }
        }

        if (!keepsStandardError)
        {
            system.EventStream.RemoveLogger(standardError);
        }
    }

    private static void Start(ActorSystemImpl system, string className, int number)
    {
        Props props = new(ConfiguredType.Find("akka.loggers", className, typeof(ActorBase)));
        IActorRef logger = system.SystemActorOf(props, $"log{number}-{className.Split(',')[0].Trim().Split('.')[^1]}");
        try
        {
            logger.Ask<LoggerInitialized>(new InitializeLogger(system.EventStream), system.Settings.LoggerStartTimeout).GetAwaiter().GetResult();
        }
        catch (AskTimeoutException failure)
        {
            throw new ConfigurationException(
                $"akka.loggers: {className} did not answer InitializeLogger with LoggerInitialized within {system.Settings.LoggerStartTimeout}.", failure);
        }

        system.EventStream.AddLogger(logger);
    }
}

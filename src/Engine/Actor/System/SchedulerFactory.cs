using System.Reflection;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor.Internal;

/// <summary>Makes the scheduler that the configuration names.</summary>
internal static class SchedulerFactory
{
    private const string Key = "akka.scheduler.implementation";

    public static IScheduler Create(Settings settings, ILoggingAdapter log)
    {
        string className = settings.SchedulerClass;
        if (className.Split(',')[0].Trim() is "" or "Akka.Actor.HashedWheelTimerScheduler")
        {
            return new TimerThreadScheduler(settings.Config, log);
        }

        ConstructorInfo constructor = ConfiguredType.Find(Key, className, typeof(SchedulerBase)).GetConstructor([typeof(Config), typeof(ILoggingAdapter)])
            ?? throw new ConfigurationException($"{Key} names the class '{className}', which has no public constructor (Config, ILoggingAdapter).");
        return (IScheduler)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [settings.Config, log], null);
    }
}

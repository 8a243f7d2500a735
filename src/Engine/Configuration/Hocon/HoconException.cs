namespace Akka.Configuration.Hocon;

/// <summary>An error at a place. The message is composed when asked for, when the text's name is known.</summary>
internal sealed class HoconException(Place place, string problem, Exception? cause = null) : ConfigurationException(problem, cause)
{
    private readonly string _problem = problem;

    public Place Place { get; } = place;

    public override string Message => Place.Source is null ? _problem : $"{Place}: {_problem}";
}

namespace Akka.Actor;

/// <summary>The base of every exception that the actor runtime defines.</summary>
public abstract class AkkaException : Exception
{
    /// <summary>Makes an exception with no message of its own.</summary>
    protected AkkaException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What went wrong, in one line.</param>
    /// <param name="cause">The exception that led to this one, or null.</param>
    protected AkkaException(string? message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>The exception that led to this one, or null.</summary>
    protected Exception? Cause => InnerException;
}

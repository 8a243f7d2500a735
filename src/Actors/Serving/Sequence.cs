using Akka.Actor;

namespace Actors.Runtime.Serving;

/// <summary>A request that waits or is being served.</summary>
internal sealed class Sequence(Infer request, IActorRef user)
{
    public Infer Request { get; } = request;

    public IActorRef User { get; } = user;

    /// <summary>Source rank that serves it.</summary>
    public int Rank { get; set; }

    /// <summary>Its slot of that rank's caches.</summary>
    public int Slot { get; set; }

    /// <summary>The last token generated; the next step's input.</summary>
    public int LastToken { get; private set; }

    public int Generated { get; private set; }

    /// <summary>Prompt and answer so far.</summary>
    public int Length => Request.Prompt.Length + Generated;

    /// <summary>When the request came.</summary>
    public long Arrived { get; init; }

    /// <summary>When its first step began.</summary>
    public long Started { get; set; }

    /// <summary>When its first token came.</summary>
    public long FirstToken { get; set; }

    /// <summary>Whether its user wants no more of it: it leaves when the present step has been played.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Takes the next token, or the one that the user has from before in its place.</summary>
    /// <returns>Whether the user must be told.</returns>
    public bool Take(int token)
    {
        bool isNew = Generated >= Request.Answered.Length;
        LastToken = isNew ? token : Request.Answered[Generated];
        Generated++;
        return isNew;
    }

    /// <summary>Why the answer ends now, or null when it goes on.</summary>
    public EndReason? End(int maxLength)
    {
        if (IsStopped)
        {
            return EndReason.Stopped;
        }

        if (Request.EndTokens.Contains(LastToken))
        {
            return EndReason.EndToken;
        }

        if (Generated >= Request.MaxTokens)
        {
            return EndReason.MaxTokens;
        }

        return Length >= maxLength ? EndReason.MaxLength : null;
    }
}

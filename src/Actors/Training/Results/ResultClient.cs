using System.Runtime.InteropServices;
using Akka.Actor;

namespace Actors.Runtime.Training.Results;

/// <summary>Reads what ranks keep, piece by piece, by way of the coordinator. Asking for a piece when the one before has come is the flow control.</summary>
/// <param name="coordinator">The run.</param>
/// <param name="timeout">Longest wait for a piece; infinite: none.</param>
internal sealed class ResultClient(IActorRef coordinator, TimeSpan timeout)
{
    /// <summary>Reads all of a tensor's elements, or a part.</summary>
    /// <param name="count">How many.</param>
    /// <param name="piece">Makes the request for some of them: the first, from 0, and their number.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">A rank has kept none, does not answer, or the run has failed; the message says so.</exception>
    public async Task<T[]> ReadAsync<T>(long count, Func<long, int, ReadElements> piece, CancellationToken cancellation)
        where T : unmanaged
    {
        var all = new T[count];
        for (long first = 0; first < count; first += ReadElements.MostElements)
        {
            int length = (int)Math.Min(count - first, ReadElements.MostElements);
            ElementsRead read = await AskAsync<ElementsRead>(piece(first, length), cancellation).ConfigureAwait(false);
            MemoryMarshal.Cast<byte, T>(read.Bytes.AsSpan()).CopyTo(all.AsSpan((int)first, length));
        }

        return all;
    }

    /// <summary>Reads one piece.</summary>
    /// <exception cref="InvalidOperationException">See <see cref="ReadAsync"/>.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(ReadResult request, CancellationToken cancellation)
    {
        object answer;
        try
        {
            answer = await coordinator
                .Ask<object>(request, timeout == Timeout.InfiniteTimeSpan ? null : timeout, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            throw new InvalidOperationException(
                $"rank {request.Rank} has not answered within {timeout.TotalSeconds:0.###} s (actors.watchdog.stall-timeout): {request}");
        }

        return answer switch
        {
            TAnswer read => read,
            ResultRefused refused => throw new InvalidOperationException(refused.Reason),
            RunFailed failed => throw new InvalidOperationException(failed.Reason),
            _ => throw new InvalidOperationException($"Rank {request.Rank} answered {answer.GetType().Name} to {request}."),
        };
    }
}

namespace Akka.Actor;

/// <summary>The outcome of a request, for protocols that have no messages of their own for it.</summary>
public abstract class Status
{
    private protected Status()
    {
    }

    /// <summary>The request was carried out.</summary>
    public sealed class Success : Status
    {
        /// <summary>A success without a value.</summary>
        public static readonly Success Instance = new(null);

        /// <summary>The result, or null.</summary>
        public readonly object? Status;

        /// <summary>Creates a success.</summary>
        public Success(object? status) => Status = status;

        /// <inheritdoc/>
        public override string ToString() => $"Success: {Status ?? "null"}";
    }

    /// <summary>The request failed; it fails the task of a question that it answers.</summary>
    public sealed class Failure : Status
    {
        /// <summary>Why.</summary>
        public readonly Exception? Cause;

        /// <summary>What the failing side adds, or null.</summary>
        public readonly object? State;

        /// <summary>Creates a failure.</summary>
        public Failure(Exception? cause)
            : this(cause, null)
        {
        }

        /// <summary>Creates a failure with something beside its cause.</summary>
        public Failure(Exception? cause, object? state)
        {
            Cause = cause;
            State = state;
        }

        /// <inheritdoc/>
        public override string ToString() => $"Failure: {Cause}";
    }
}

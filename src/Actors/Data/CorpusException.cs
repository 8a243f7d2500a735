namespace Actors.Runtime.Data;

/// <summary>The text cannot be used. The message is one line: the path, what is wrong and the mend.</summary>
public sealed class CorpusException : Exception
{
    /// <summary>Reports what is wrong with a text.</summary>
    public CorpusException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}

namespace Actors.Runtime.Fabric.Channels;

/// <summary>How far a channel is with the sums of one exchange's tokens.</summary>
internal sealed class CombineProgress
{
    /// <summary>Whether sums are outstanding.</summary>
    public bool IsOpen { get; set; }

    /// <summary>The first token that has no sum yet.</summary>
    public int NextToken { get; set; }

    /// <summary>One past the channel's last token.</summary>
    public int EndToken { get; private set; }

    /// <summary>Whether the own node's partial sums may be read.</summary>
    public bool OwnReady { get; set; }

    /// <summary>Rows of the own node that have been read.</summary>
    public int OwnRowsRead { get; set; }

    /// <summary>Whether all of them have.</summary>
    public bool OwnEnded { get; set; }

    /// <summary>When the last rank that computed for these tokens began to send, as far as is known.</summary>
    public long LastStart { get; set; }

    public void Begin(int firstToken, int endToken)
    {
        (NextToken, EndToken) = (firstToken, endToken);
        (OwnReady, OwnEnded, OwnRowsRead) = (false, false, 0);
        LastStart = 0;
        IsOpen = true;
    }
}

using System.Collections.Immutable;
using Actors.Model.Tokenizers;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Serving;

namespace Actors.Cli.Nodes;

/// <summary>The tokenizer of the model that a cluster serves, as its caller reads it: piece by piece from the leader, whose disk need not be here.</summary>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="From">Folder of the model, which the leader has found; null: the model that the processes' settings name.</param>
internal sealed record ClusterTokenizer(ITokenizer Tokenizer, string? From)
{
    /// <summary>Reads the tokenizer.</summary>
    /// <param name="from">Folder of a run or a model; null: the run that the cluster trains or has trained last.</param>
    /// <param name="ask">Asks the leader for a piece.</param>
    /// <exception cref="UsageException">The model cannot be given a text, or the files have changed meanwhile.</exception>
    public static async Task<ClusterTokenizer> ReadAsync(string? from, Func<ReadTokenizer, Task<object>> ask)
    {
        TokenizerRead first = PieceOf(await ask(new ReadTokenizer(from, 0)));
        byte[] content = new byte[first.AllBytes];
        TokenizerRead piece = first;
        for (int at = piece.Bytes.Length; ; at += piece.Bytes.Length)
        {
            piece.Bytes.CopyTo(content, at - piece.Bytes.Length);
            if (at == content.Length)
            {
                break;
            }

            piece = PieceOf(await ask(new ReadTokenizer(first.From, at)));
            if (!piece.Hash.SequenceEqual(first.Hash) || piece.At != at || piece.Bytes.IsEmpty)
            {
                throw new UsageException($"{first.Name} has changed while it was read: ask again");
            }
        }

        return new ClusterTokenizer(
            content.Length == 0 ? ByteTokenizer.Instance : BytePairTokenizer.Of(new TokenizerFiles(first.Name, content, first.JsonBytes)), first.From);
    }

    /// <summary>Reads the tokenizer from a cluster, any process of which leads to its leader.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="processes">Addresses of the cluster's processes, as far as they are known: those that may be asked where the first does not answer.</param>
    /// <param name="from">As above.</param>
    /// <exception cref="UsageException">As above, or nobody answers.</exception>
    public static Task<ClusterTokenizer> ReadAsync(ClusterCaller caller, ImmutableArray<string> processes, string? from) =>
        ReadAsync(from, message => caller.AskAnyAsync<object>(message, processes));

    private static TokenizerRead PieceOf(object answer) => answer switch
    {
        TokenizerRead piece => piece,
        InferenceRefused refused => throw new UsageException(refused.Reason),
        _ => throw new InvalidOperationException($"A cluster does not answer with {answer.GetType().Name}."),
    };
}

using System.Globalization;
using System.Text;

namespace Actors.Runtime.Data.Tokens;

/// <summary>How far an unfinished token file has come: what a later run goes on from. Written beside it, after what it counts is on the disk.</summary>
/// <param name="Job">Names tokenizer, inputs and how they are cut: a file goes on only as it was begun.</param>
/// <param name="Tokens">Tokens written.</param>
/// <param name="Documents">Documents written.</param>
/// <param name="ContentHash">Hash of their tokens.</param>
/// <param name="Position">Where the next document begins.</param>
internal sealed record TokenFileState(string Job, long Tokens, long Documents, ulong ContentHash, InputPosition Position)
{
    private const string Version = "actors-tokenize 1";

    /// <summary>Reads a state; null: there is none.</summary>
    public static TokenFileState? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        string[] fields = File.ReadAllText(path).Split('\n');
        return fields is [Version, var job, var tokens, var documents, var hash, var input, var offset, ""]
            ? new TokenFileState(
                job, Number(tokens), Number(documents), ulong.Parse(hash, CultureInfo.InvariantCulture), new InputPosition((int)Number(input), Number(offset)))
            : throw new CorpusException($"{path} does not say how far the token file has come: remove it to begin again.");
    }

    /// <summary>Writes the state: beside, synced, renamed.</summary>
    public void Write(string path)
    {
        string beside = path + ".tmp";
        using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{Version}\n{Job}\n{Tokens}\n{Documents}\n{ContentHash}\n{Position.Input}\n{Position.Offset}\n")));
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

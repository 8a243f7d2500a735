using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>Finds tokenizers: of a path that a user names, and of a model's folder.</summary>
public static class TokenizerSource
{
    /// <summary>What names the tokenizer of bytes.</summary>
    public const string Bytes = "bytes";

    /// <summary>Reads the tokenizer that a user names.</summary>
    /// <param name="path"><see cref="Bytes"/>, a tokenizer.json, or a folder with one.</param>
    /// <exception cref="CheckpointException">There is none, or it is not supported.</exception>
    public static ITokenizer Read(string path)
    {
        if (path == Bytes)
        {
            return ByteTokenizer.Instance;
        }

        return !Directory.Exists(path) || BytePairTokenizer.IsIn(path)
            ? BytePairTokenizer.Read(path)
            : throw new CheckpointException(path, $"has no {TokenizerFile.FileName}: name a folder with one, the file itself, or \"{Bytes}\"");
    }

    /// <summary>The tokenizer of a model's folder, which is of bytes where the folder has none.</summary>
    /// <param name="folder">The folder; null: a model that has none.</param>
    /// <param name="vocabularySize">Tokens that the model knows.</param>
    /// <exception cref="CheckpointException">It is not supported, or has tokens that the model does not know.</exception>
    public static ITokenizer OfModel(string? folder, int vocabularySize)
    {
        ITokenizer tokenizer = folder is not null && BytePairTokenizer.IsIn(folder) ? BytePairTokenizer.Read(folder) : ByteTokenizer.Instance;
        if (tokenizer is BytePairTokenizer)
        {
            Require(tokenizer, vocabularySize);
        }

        return tokenizer;
    }

    /// <summary>Refuses a tokenizer with tokens that a model does not know.</summary>
    /// <exception cref="CheckpointException">It has some.</exception>
    public static void Require(ITokenizer tokenizer, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.VocabularySize > vocabularySize)
        {
            throw new CheckpointException(
                tokenizer.Name,
                $"has tokens up to {tokenizer.VocabularySize - 1}, but the model knows {vocabularySize} (vocab_size, actors.model.vocabulary-size): take the model's own tokenizer");
        }
    }
}

using System.Security.Cryptography;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Data;

/// <summary>What a run trains on, and what it holds out. Immutable.</summary>
public interface ICorpus
{
    /// <summary>What of the named folders is not in it, and why: a path and the reason each.</summary>
    IReadOnlyList<string> LeftOut { get; }

    /// <summary>Size of what is trained on, by which a resumed run notices other data: bytes of text, or tokens of a token file.</summary>
    long TrainingSize { get; }

    /// <summary>What its tokens are made with.</summary>
    ITokenizer Tokenizer { get; }

    /// <summary>Refuses a corpus that is too short for a sequence, or has tokens that the vocabulary lacks.</summary>
    /// <param name="sequenceLength">Tokens of a sequence.</param>
    /// <param name="vocabularySize">Tokens that the model knows.</param>
    /// <exception cref="CorpusException">One line with the sizes and how to fix it.</exception>
    void Require(int sequenceLength, int vocabularySize);

    /// <summary>The sequences of training and of the held-out part.</summary>
    IBatchSource Batches(TrainingSettings training);

    /// <summary>Adds what the corpus is to a hash: equal corpora, equal hashes.</summary>
    void AddTo(IncrementalHash hash);

    /// <summary>The beginning of the held-out part, or of what is trained on, for a model to go on with.</summary>
    /// <param name="most">Tokens at most, 1 or more.</param>
    int[] SamplePrompt(int most);
}

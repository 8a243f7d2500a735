using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// Final norm, output projection and cross entropy: of the main model, or of a multi-token-prediction module, which shares the projection. Where activations
/// keep no logits (<see cref="LogitsBlocks"/>) they are computed block by block of rows, once for the losses and again in the backward for input, which then
/// adds the projection's gradient too.
/// </summary>
public sealed class OutputHead
{
    private readonly ParameterBlock _norm;
    private readonly ParameterBlock _head;
    private readonly LayerTemporaries _temporaries;
    private readonly float _epsilon;

    /// <summary>Makes the component of a part that has the head.</summary>
    /// <param name="weights">The part.</param>
    /// <param name="temporaries">Lends memory for blocks of logits.</param>
    /// <param name="depth">0: the main model's; k: that of module k.</param>
    public OutputHead(ModelWeights weights, LayerTemporaries temporaries, int depth = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(temporaries);
        ParameterBlock? norm = depth == 0 ? weights.FinalNorm : weights.Predictions[depth - 1].OutputNorm;
        _norm = norm ?? throw new ArgumentException("This part of the model has no output head.", nameof(weights));
        _head = weights.Head ?? throw new ArgumentException("This part of the model has no output head.", nameof(weights));
        _temporaries = temporaries;
        _epsilon = (float)weights.Config.RmsNormEpsilon;
    }

    /// <summary>The normed input and logits of every row; only the first where logits go in blocks.</summary>
    public void Logits(IStream stream, OutputHeadActivations activations)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        if (activations.IsInBlocks)
        {
            stream.RmsNorm(activations.Input, _norm.Values, _epsilon, activations.Hidden, activations.Rstd);
        }
        else
        {
            stream.NormLinear(activations.Input, _norm.Values, _epsilon, activations.Hidden, activations.Rstd, _head.Weight, activations.Logits);
        }
    }

    /// <summary>
    /// Losses of every row, after <see cref="Logits"/>; where the activations keep a backward and whole logits, the logits' gradient takes the
    /// logits' place.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">With the logits.</param>
    /// <param name="targets">Int32 (1, tokens); −1 counts nothing. With blocks they are read again by <see cref="BackwardInput"/>.</param>
    /// <param name="scale">Factor of every gradient, such as 1 / tokens of the step.</param>
    /// <param name="kept">Output (tokens, vocabulary): a copy of the logits; or absent.</param>
    public void Loss(IStream stream, OutputHeadActivations activations, Tensor targets, float scale, Tensor kept = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        if (activations.IsInBlocks)
        {
            activations.Loss = (targets, scale);
            LossInBlocks(stream, activations, kept);
            return;
        }

        if (!kept.IsAbsent)
        {
            stream.Copy(activations.Logits, kept);
        }

        stream.CrossEntropy(activations.Logits, targets, scale, activations.Losses, activations.HasBackward ? activations.Logits : default);
    }

    /// <summary>Gradient of the head's input, and of the norm's weight; where logits go in blocks, of the projection too.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the forward.</param>
    /// <param name="inputGradient">Output (tokens, H).</param>
    /// <param name="gradients">Of the norm and the projection.</param>
    /// <param name="hiddenGradient">Gradient of <see cref="OutputHeadActivations.Hidden"/> from the module behind it (tokens, H), added; or absent.</param>
    public void BackwardInput(
        IStream stream, OutputHeadActivations activations, Tensor inputGradient, GradientSet gradients, Tensor hiddenGradient = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        if (activations.IsInBlocks)
        {
            BackwardInBlocks(stream, activations, inputGradient, gradients, hiddenGradient);
        }
        else
        {
            stream.LinearBackwardInput(activations.Logits, _head.Weight, inputGradient, hiddenGradient);
        }

        gradients.AddNorm(stream, _norm, inputGradient, activations.Input, activations.Rstd);
    }

    /// <summary>Adds the projection's gradient to <paramref name="gradients"/>; any time after <see cref="BackwardInput"/>, which has done it where logits go in blocks.</summary>
    public void BackwardWeights(IStream stream, OutputHeadActivations activations, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        if (!activations.IsInBlocks)
        {
            gradients.AddProduct(stream, _head, activations.Logits, activations.Hidden);
        }
    }

    private void LossInBlocks(IStream stream, OutputHeadActivations activations, Tensor kept)
    {
        (Tensor targets, float scale) = activations.Loss;
        LogitsTemporaries temporaries = _temporaries.Logits.Rent();
        for (int first = 0; first < activations.Tokens; first += activations.BlockRows)
        {
            int rows = Math.Min(activations.BlockRows, activations.Tokens - first);
            Tensor logits = LogitsOf(stream, activations, temporaries, first, rows);
            if (!kept.IsAbsent)
            {
                stream.Copy(logits, kept.RowRange(first, rows));
            }

            stream.CrossEntropy(logits, targets.ColumnRange(first, rows), scale, activations.Losses.ColumnRange(first, rows), dLogits: default);
        }

        _temporaries.Logits.Return(temporaries);
    }

    private void BackwardInBlocks(
        IStream stream, OutputHeadActivations activations, Tensor inputGradient, GradientSet gradients, Tensor hiddenGradient)
    {
        (Tensor targets, float scale) = activations.Loss;
        LogitsTemporaries temporaries = _temporaries.Logits.Rent();
        for (int first = 0; first < activations.Tokens; first += activations.BlockRows)
        {
            int rows = Math.Min(activations.BlockRows, activations.Tokens - first);
            Tensor logits = LogitsOf(stream, activations, temporaries, first, rows);
            // The losses are written again, as they were.
            stream.CrossEntropy(logits, targets.ColumnRange(first, rows), scale, activations.Losses.ColumnRange(first, rows), logits);
            stream.LinearBackwardInput(
                logits, _head.Weight, inputGradient.RowRange(first, rows), hiddenGradient.IsAbsent ? default : hiddenGradient.RowRange(first, rows));
            gradients.AddProduct(stream, _head, logits, activations.Hidden.RowRange(first, rows));
        }

        _temporaries.Logits.Return(temporaries);
    }

    private Tensor LogitsOf(IStream stream, OutputHeadActivations activations, LogitsTemporaries temporaries, int first, int rows)
    {
        Tensor logits = temporaries.Take(rows, _head.Weight.Outputs, activations.LogitsType);
        stream.Linear(activations.Hidden.RowRange(first, rows), _head.Weight, logits);
        return logits;
    }
}

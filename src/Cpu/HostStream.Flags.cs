using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu;

/// <summary>Rows between ranks that wait for flags elsewhere: here all that a rank waits for has been done.</summary>
internal abstract partial class HostStream
{
    /// <inheritdoc/>
    public void DispatchTokens(
        ExchangeFlags flags, int rank, int ranksPerNode, Tensor x, Tensor experts, Tensor weights, int expertsPerRank, ReadOnlySpan<Tensor> windows,
        ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights, Tensor places, Tensor tally)
    {
        ShapeChecks.Host.DispatchTokens(flags, rank, ranksPerNode, x, experts, weights, expertsPerRank, windows, windowExperts, windowWeights, places, tally);
        Span<int> sums = tally.RowSpan<int>(0);
        for (int token = 0; token < flags.Tokens; token++)
        {
            int place = (rank * flags.Tokens) + token, nodes = 0, last = -1;
            bool isThere = token < x.Rows;
            for (int to = 0; to < flags.Ranks; to++)
            {
                Span<int> local = windowExperts[to].RowSpan<int>(place);
                Span<float> factors = windowWeights[to].RowSpan<float>(place);
                bool goes = false;
                for (int k = 0; k < local.Length; k++)
                {
                    int expert = isThere ? experts.RowSpan<int>(token)[k] - (to * expertsPerRank) : -1;
                    bool isHere = (uint)expert < (uint)expertsPerRank;
                    (local[k], factors[k]) = isHere ? (expert, weights.RowSpan<float>(token)[k]) : (-1, 0f);
                    goes |= isHere;
                }

                if (isThere)
                {
                    places.RowSpan<int>(token)[to] = goes ? place : -1;
                }

                if (!goes)
                {
                    continue;
                }

                x.RowBytes(token).CopyTo(windows[to].RowBytes(place));
                sums[to / ranksPerNode == rank / ranksPerNode ? 1 : 2]++;
                nodes += to / ranksPerNode != last ? 1 : 0;
                last = to / ranksPerNode;
            }

            sums[0] = Math.Max(sums[0], nodes);
        }
    }

    /// <inheritdoc/>
    public void CombineTokens(ExchangeFlags flags, int rank, int ranksPerNode, ReadOnlySpan<Tensor> partials, Tensor places, Tensor y)
    {
        ShapeChecks.Host.CombineTokens(flags, rank, ranksPerNode, partials, places, y);
        CollectSums(partials, places, ranksPerNode, y);
    }
}

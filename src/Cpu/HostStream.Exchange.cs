using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu;

/// <summary>Rows between ranks, as loops: ranks that compute on the CPU move their rows by links instead.</summary>
internal abstract partial class HostStream
{
    /// <inheritdoc/>
    public void CountDestinations(Tensor experts, int expertsPerRank, Tensor places, Tensor counts)
    {
        ShapeChecks.Host.CountDestinations(experts, expertsPerRank, places, counts);
        Span<int> next = counts.RowSpan<int>(0);
        next.Clear();
        for (int token = 0; token < experts.Rows; token++)
        {
            Span<int> numbers = places.RowSpan<int>(token);
            numbers.Fill(-1);
            foreach (int expert in experts.RowSpan<int>(token))
            {
                if (expert >= 0 && numbers[expert / expertsPerRank] < 0)
                {
                    numbers[expert / expertsPerRank] = next[expert / expertsPerRank]++;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void PlaceRows(Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally)
    {
        ShapeChecks.Host.PlaceRows(counts, rank, ranksPerNode, capacity, places, received, tally);
        int ranks = places.Columns, total = 0;
        Span<int> first = stackalloc int[ranks], sums = tally.RowSpan<int>(0);
        for (int source = 0; source < ranks; source++)
        {
            total += counts.RowSpan<int>(source)[rank];
            sums[source / ranksPerNode == rank / ranksPerNode ? 2 : 3] += counts.RowSpan<int>(rank)[source];
            for (int to = 0; to < ranks; to++)
            {
                first[to] += source < rank ? counts.RowSpan<int>(source)[to] : 0;
            }
        }

        received.RowSpan<int>(0)[0] = Math.Min(total, capacity);
        sums[0] = Math.Max(sums[0], total);
        for (int token = 0; token < places.Rows; token++)
        {
            Span<int> numbers = places.RowSpan<int>(token);
            int nodes = 0, last = -1;
            for (int to = 0; to < ranks; to++)
            {
                if (numbers[to] >= 0)
                {
                    nodes += to / ranksPerNode != last ? 1 : 0;
                    last = to / ranksPerNode;
                    numbers[to] = numbers[to] < capacity - first[to] ? first[to] + numbers[to] : -1;
                }
            }

            sums[1] = Math.Max(sums[1], nodes);
            sums[4] += nodes;
        }
    }

    /// <inheritdoc/>
    public void PushRows(Tensor x, Tensor places, ReadOnlySpan<Tensor> windows)
    {
        ShapeChecks.Host.PushRows(x, places, windows);
        for (int token = 0; token < x.Rows; token++)
        {
            for (int to = 0; to < windows.Length; to++)
            {
                if (places.RowSpan<int>(token)[to] is >= 0 and int place)
                {
                    x.RowBytes(token).CopyTo(windows[to].RowBytes(place));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void PushChoices(
        Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights)
    {
        ShapeChecks.Host.PushChoices(experts, weights, expertsPerRank, places, windowExperts, windowWeights);
        for (int token = 0; token < experts.Rows; token++)
        {
            for (int to = 0; to < windowExperts.Length; to++)
            {
                if (places.RowSpan<int>(token)[to] is not (>= 0 and int place))
                {
                    continue;
                }

                Span<int> local = windowExperts[to].RowSpan<int>(place);
                Span<float> factors = windowWeights[to].RowSpan<float>(place);
                for (int k = 0; k < local.Length; k++)
                {
                    int expert = experts.RowSpan<int>(token)[k] - (to * expertsPerRank);
                    bool isHere = (uint)expert < (uint)expertsPerRank;
                    (local[k], factors[k]) = isHere ? (expert, weights.RowSpan<float>(token)[k]) : (-1, 0f);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void CollectSums(ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y)
    {
        ShapeChecks.Host.CollectSums(windows, places, ranksPerNode, y);
        for (int token = 0; token < y.Rows; token++)
        {
            for (int column = 0; column < y.Columns; column++)
            {
                y.SetElement(token, column, SumOver(windows, places.RowSpan<int>(token), ranksPerNode, column) ?? 0);
            }
        }
    }

    /// <inheritdoc/>
    public void CollectWeightGradients(ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights)
    {
        ShapeChecks.Host.CollectWeightGradients(windows, experts, expertsPerRank, places, dWeights);
        for (int token = 0; token < experts.Rows; token++)
        {
            Span<float> gradients = dWeights.RowSpan<float>(token);
            for (int k = 0; k < gradients.Length; k++)
            {
                int expert = experts.RowSpan<int>(token)[k], from = expert < 0 ? 0 : expert / expertsPerRank;
                int place = expert < 0 ? -1 : places.RowSpan<int>(token)[from];
                // A sum that begins with zero, which makes of -0 a zero.
                gradients[k] = place < 0 ? 0f : 0f + windows[from].RowSpan<float>(place)[k];
            }
        }
    }

    /// <inheritdoc/>
    public void SumTensors(ReadOnlySpan<Tensor> parts, Tensor sum)
    {
        ShapeChecks.Host.SumTensors(parts, sum);
        for (int row = 0; row < sum.Rows; row++)
        {
            Span<float> to = sum.RowSpan<float>(row);
            for (int column = 0; column < to.Length; column++)
            {
                float total = parts[0].RowSpan<float>(row)[column];
                for (int part = 1; part < parts.Length; part++)
                {
                    total += parts[part].RowSpan<float>(row)[column];
                }

                to[column] = total;
            }
        }
    }

    /// <summary>An element summed over a node's ranks, then over nodes; null where there is no term.</summary>
    private static float? SumOver(ReadOnlySpan<Tensor> windows, ReadOnlySpan<int> places, int ranksPerNode, int column)
    {
        float? total = null;
        for (int first = 0; first < windows.Length; first += ranksPerNode)
        {
            float? sum = null;
            for (int rank = first; rank < first + ranksPerNode; rank++)
            {
                if (places[rank] >= 0)
                {
                    float term = windows[rank].Element(places[rank], column);
                    sum = sum is null ? term : sum.Value + term;
                }
            }

            total = total is null || sum is null ? total ?? sum : total.Value + sum.Value;
        }

        return total;
    }
}

using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Rounded;

/// <summary>
/// Operations in one go. Norm and product, and projections into the cache, are one operation after the other: what lies between is rounded. A feed-forward of
/// few rows rounds its inner activations and its result alone.
/// </summary>
internal sealed partial class RoundedStream
{
    /// <summary>Rows of which devices compute a feed-forward without an order by expert.</summary>
    private const int MostFewRows = 8;

    /// <inheritdoc/>
    public bool TryFeedForward(Tensor x, ChosenExperts? chosen, FeedForwardWeights? shared, Tensor y, Tensor addend)
    {
        Checks.FeedForward(x, chosen, shared, y, addend);
        if (x.Type != ElementType.BFloat16 || x.Rows > MostFewRows || y.Count == 0 || y.Type != x.Type || (!addend.IsAbsent && addend.Type != x.Type))
        {
            return false;
        }

        WidenedRows rows = _rows.Begin();
        Tensor input = rows.Read(x), sum = rows.Write(y);
        if (chosen is { } choice)
        {
            FeedForward(rows, input, choice, sum);
        }

        if (shared is { } all)
        {
            Tensor output = chosen is null ? sum : rows.Take(x.Rows, y.Columns);
            FeedForward(rows, input, all, output);
            if (chosen is not null)
            {
                _float32.Add(sum, output, sum);
            }
        }

        if (!addend.IsAbsent)
        {
            _float32.Add(sum, rows.Read(addend), sum);
        }

        rows.Store();
        return true;
    }

    private void FeedForward(WidenedRows rows, Tensor input, ChosenExperts chosen, Tensor sum)
    {
        (Weight gateUp, Weight down) = (chosen.Of.GateUp, chosen.Of.Down);
        int choices = chosen.Experts.Columns, terms = input.Rows * choices;
        Tensor all = rows.Take(1, ExpertOrder.Elements(input.Rows, choices, gateUp.Groups, terms), ElementType.Int32);
        var order = ExpertOrder.Cut(all, input.Rows, choices, gateUp.Groups, terms);
        _float32.SortByExpert(chosen.Experts, order);
        Tensor inputs = rows.Take(terms, input.Columns), inner = rows.Take(terms, gateUp.Outputs), activated = rows.Take(terms, down.Inputs);
        _float32.GatherRows(input, order.Sources, inputs, order.Live);
        _float32.GroupedLinear(inputs, order.Offsets, Own(gateUp).Rounded(_float32), inner);
        _float32.SwiGlu(inner, activated, order.Live);
        WidenedRows.Round(activated.RowRange(0, Grouped(order.Offsets)), activated);
        Tensor outputs = rows.Take(terms, down.Outputs);
        _float32.GroupedLinear(activated, order.Offsets, Own(down).Rounded(_float32), outputs);
        _float32.SumRows(outputs, order.RowOfSlot.Reshape(input.Rows, choices), chosen.Weights, sum);
    }

    private void FeedForward(WidenedRows rows, Tensor input, FeedForwardWeights shared, Tensor output)
    {
        Tensor inner = rows.Take(input.Rows, shared.GateUp.Outputs), activated = rows.Take(input.Rows, shared.Down.Inputs);
        _float32.Linear(input, Own(shared.GateUp).Rounded(_float32), inner);
        _float32.SwiGlu(inner, activated);
        WidenedRows.Round(activated, activated);
        _float32.Linear(activated, Own(shared.Down).Rounded(_float32), output);
    }
}

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
    public bool TryFeedForward(Tensor x, Tensor experts, Tensor weights, Weight gateUp, Weight down, Tensor y, Tensor addend)
    {
        Checks.FeedForward(x, experts, weights, gateUp, down, y, addend);
        if (x.Type != ElementType.BFloat16 || x.Rows > MostFewRows || y.Count == 0 || y.Type != x.Type || (!addend.IsAbsent && addend.Type != x.Type))
        {
            return false;
        }

        WidenedRows rows = _rows.Begin();
        Tensor chosen = experts;
        if (experts.IsAbsent)
        {
            chosen = rows.Take(x.Rows, 1, ElementType.Int32);
            Zero(chosen);
        }

        int terms = x.Rows * chosen.Columns;
        Tensor all = rows.Take(1, ExpertOrder.Elements(x.Rows, chosen.Columns, gateUp.Groups, terms), ElementType.Int32);
        var order = ExpertOrder.Cut(all, x.Rows, chosen.Columns, gateUp.Groups, terms);
        _float32.SortByExpert(chosen, order);
        Tensor inputs = rows.Take(terms, x.Columns), inner = rows.Take(terms, gateUp.Outputs), activated = rows.Take(terms, down.Inputs);
        _float32.GatherRows(rows.Read(x), order.Sources, inputs, order.Live);
        _float32.GroupedLinear(inputs, order.Offsets, Own(gateUp).Rounded(_float32), inner);
        _float32.SwiGlu(inner, activated, order.Live);
        WidenedRows.Round(activated.RowRange(0, Grouped(order.Offsets)), activated);
        Tensor outputs = rows.Take(terms, down.Outputs), sum = rows.Write(y);
        _float32.GroupedLinear(activated, order.Offsets, Own(down).Rounded(_float32), outputs);
        _float32.SumRows(outputs, order.RowOfSlot.Reshape(x.Rows, chosen.Columns), weights, sum);
        if (!addend.IsAbsent)
        {
            _float32.Add(sum, rows.Read(addend), sum);
        }

        rows.Store();
        return true;
    }
}

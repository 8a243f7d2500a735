namespace Actors.Tensors;

/// <summary>
/// Moves rows between the memories of ranks; the data plane under dispatch and combine. A message afterwards says what was
/// moved: a link itself carries no control. Calls enqueue in order; <see cref="Notify"/> tells when they have run.
/// A link is used from one thread at a time. Rows are any element type unless said otherwise.
/// </summary>
public interface ITensorLink : IDisposable
{
    /// <summary>Name for messages and statistics, such as <c>in-process</c>.</summary>
    string Name { get; }

    /// <summary>destination[r] = source[rows[r]]: collects rows for one destination.</summary>
    /// <param name="source">(any, columns).</param>
    /// <param name="rows">One source row for each destination row, each valid.</param>
    /// <param name="destination">(rows.Length, columns).</param>
    void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination);

    /// <summary>destination[to[i]] = source[from[i]] for every i: spreads rows to their final places.</summary>
    /// <param name="source">(any, columns).</param>
    /// <param name="from">Source rows.</param>
    /// <param name="to">Destination rows, as many, all different.</param>
    /// <param name="destination">(any, columns).</param>
    void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination);

    /// <summary>
    /// destination[r] = Σ over parts p in order, where rows[r · parts + p] ≥ 0, of parts[p][rows[r · parts + p]]: the first
    /// present part is copied, the others added in float32; one rounding to the destination's type at the end. A row without a present
    /// part is zero. The destination may be a part of its type whose rows are taken in order.
    /// </summary>
    /// <param name="parts">(any, columns) each, Float32 or BFloat16, all of one type; an absent part has no rows.</param>
    /// <param name="rows">Row of each part for each destination row, or −1.</param>
    /// <param name="destination">(rows.Length / parts.Length, columns), Float32 or BFloat16.</param>
    void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination);

    /// <summary>Whether everything enqueued before has already run: go on at once, no completion is needed.</summary>
    bool IsIdle { get; }

    /// <summary>Calls <paramref name="completion"/> once, when everything enqueued before it has run or failed.</summary>
    void Notify(IStreamCompletion completion);
}

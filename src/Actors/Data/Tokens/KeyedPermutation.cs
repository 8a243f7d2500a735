using System.Numerics;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// A permutation of 0 to <paramref name="count"/> − 1 for every key, computed place by place without a table: a Feistel network over the next even
/// number of bits, applied again while the result is too large (cycle walking; Black and Rogaway 2002), four times on average at most.
/// </summary>
/// <param name="count">Numbers that are permuted, 1 or more.</param>
internal readonly struct KeyedPermutation(long count)
{
    private const int Rounds = 6;

    private readonly int _halfBits = Math.Max(1, (64 - BitOperations.LeadingZeroCount((ulong)count - 1) + 1) / 2);

    /// <summary>Where a number goes.</summary>
    /// <param name="number">0 to count − 1.</param>
    /// <param name="key">Which permutation.</param>
    public long Of(long number, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)number, (ulong)count, nameof(number));
        ulong mask = (1UL << _halfBits) - 1;
        ulong place = (ulong)number;
        do
        {
            ulong left = place >> _halfBits, right = place & mask;
            for (int round = 0; round < Rounds; round++)
            {
                (left, right) = (right, left ^ (RandomBits.Of(key, round, (long)right) & mask));
            }

            place = (left << _halfBits) | right;
        }
        while (place >= (ulong)count);

        return (long)place;
    }
}

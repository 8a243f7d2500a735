namespace Actors.LoadTests.Gpu;

/// <summary>Which experts tokens choose at random, and where their rows lie in the order of the experts, those of one expert in token order.</summary>
internal sealed class ExpertRouting
{
    /// <summary>Chooses for each token as many different experts.</summary>
    public ExpertRouting(int tokens, int experts, int choices)
    {
        var random = new Random(13);
        int[] chosen = new int[tokens * choices], next = new int[experts + 1], all = [.. Enumerable.Range(0, experts)];
        for (int token = 0; token < tokens; token++)
        {
            random.Shuffle(all);
            Span<int> own = chosen.AsSpan(token * choices, choices);
            all.AsSpan(0, choices).CopyTo(own);
            own.Sort();
            foreach (int expert in own)
            {
                next[expert + 1]++;
            }
        }

        for (int expert = 0; expert < experts; expert++)
        {
            next[expert + 1] += next[expert];
        }

        Places = new int[chosen.Length];
        Sources = new int[chosen.Length];
        for (int slot = 0; slot < chosen.Length; slot++)
        {
            int place = next[chosen[slot]]++;
            Places[slot] = place;
            Sources[place] = slot / choices;
        }
    }

    /// <summary>(tokens, choices): a token's places, in the order of its experts.</summary>
    public int[] Places { get; }

    /// <summary>The token of each place.</summary>
    public int[] Sources { get; }
}

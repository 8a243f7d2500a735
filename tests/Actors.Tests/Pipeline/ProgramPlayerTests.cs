using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Tests.Pipeline;

public sealed class ProgramPlayerTests
{
    private static readonly Component[] Program =
    [
        At(ComponentKind.ReceiveBackward, 1), At(ComponentKind.ExpertsBackward, 1), At(ComponentKind.FeedForwardWeights, 1),
        At(ComponentKind.ExpertWeights, 1), At(ComponentKind.AttentionBackward, 1), At(ComponentKind.AttentionWeights, 1),
        At(ComponentKind.ExpertsBackward, 0), At(ComponentKind.FeedForwardWeights, 0), At(ComponentKind.AttentionBackward, 0),
        At(ComponentKind.AttentionWeights, 0), At(ComponentKind.EndWeights, 0), At(ComponentKind.Release, 0),
        At(ComponentKind.ReceiveForward, 0), At(ComponentKind.AttentionForward, 0),
    ];

    private readonly HashSet<Component> _missing = [];

    [Fact]
    public void Weight_gradients_give_way_to_what_others_wait_for()
    {
        Assert.Equal(
            [
                "ReceiveBackward 1", "ExpertsBackward 1", "AttentionBackward 1", "ExpertsBackward 0",
                "FeedForwardWeights 1", "ExpertWeights 1", "AttentionWeights 1", // before those of another layer are put off
                "AttentionBackward 0",
                "FeedForwardWeights 0", "AttentionWeights 0", "EndWeights 0", "Release 0", // before the next action
                "ReceiveForward 0", "AttentionForward 0",
            ],
            Play());
    }

    [Fact]
    public void A_rank_that_has_to_wait_computes_weight_gradients_meanwhile()
    {
        ProgramPlayer player = Player();
        _missing.Add(At(ComponentKind.AttentionBackward, 1));

        Assert.Equal(["ReceiveBackward 1", "ExpertsBackward 1", "FeedForwardWeights 1", "ExpertWeights 1"], PlayOn(player));
        Assert.Equal(At(ComponentKind.AttentionBackward, 1), player.Awaited);
        Assert.False(player.IsEnded);

        _missing.Clear();
        Assert.Equal("AttentionBackward 1", PlayOn(player)[0]);
        Assert.True(player.IsEnded);
    }

    [Fact]
    public void Whatever_is_late_every_component_is_played_once_and_weight_gradients_in_their_order()
    {
        Component[] weights = [.. Program.Where(IsWeights)];
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var played = new List<Component>();
            var player = new ProgramPlayer(_ => random.Next(3) > 0);
            player.Begin(Program);
            while (!player.IsEnded)
            {
                if (player.TryTake(out Component component))
                {
                    played.Add(component);
                }
            }

            Assert.Equal(Program.Length, played.Distinct().Count());
            Assert.Equal(Program.Length, played.Count);
            Assert.Equal(weights, played.Where(IsWeights));
            Assert.Equal(Program.Where(component => !IsWeights(component)), played.Where(component => !IsWeights(component)));
        }
    }

    private static bool IsWeights(Component component) => component.Kind is ComponentKind.FeedForwardWeights or ComponentKind.ExpertWeights
        or ComponentKind.AttentionWeights or ComponentKind.EndWeights or ComponentKind.Release;

    private static Component At(ComponentKind kind, int layer) => new(kind, 0, 0, layer);

    private static List<string> PlayOn(ProgramPlayer player)
    {
        var played = new List<string>();
        while (player.TryTake(out Component component))
        {
            played.Add($"{component.Kind} {component.Layer}");
        }

        return played;
    }

    private ProgramPlayer Player()
    {
        var player = new ProgramPlayer(component => !_missing.Contains(component));
        player.Begin(Program);
        return player;
    }

    private List<string> Play() => PlayOn(Player());
}

using Actors.Schedules.Checking;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Checking;

public class LinkPlayTests
{
    [Fact]
    public void Every_order_of_play_ends_where_the_one_that_is_played_ends()
    {
        var (through, blocked) = (0, 0);
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(0, 2).ToArbitrary(), (seed, capacity) =>
        {
            var links = RandomLinks(new System.Random(seed));
            var ends = new HashSet<string>();
            Explore(links, capacity, new int[links.Ranks], new int[links.Count], ends, []);
            var play = LinkPlay.Run(links, capacity);
            var played = Enumerable.Range(0, links.Ranks).Select(rank => play.CurrentOf(rank)?.Position ?? links.StepsOf(rank).Length);

            Assert.Equal([string.Join(' ', played)], ends);
            var isThrough = Enumerable.Range(0, links.Ranks).All(rank => play.CurrentOf(rank) is null);
            through += isThrough ? 1 : 0;
            blocked += isThrough ? 0 : 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        Assert.True(through > 20 && blocked > 20, $"{through} through, {blocked} blocked");
    }

    [Fact]
    public void What_gets_through_with_one_capacity_gets_through_with_a_larger_one()
        => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var links = RandomLinks(new System.Random(seed));
            var getsThrough = Enumerable.Range(0, 6).Select(
                capacity => Enumerable.Range(0, links.Ranks).All(rank => LinkPlay.Run(links, capacity).CurrentOf(rank) is null)).ToArray();
            Assert.Equal(getsThrough.Order(), getsThrough);
        }).QuickCheckThrowOnFailure();

    // Lists of three ranks with up to seven transfers between them, in the order of one play with two places exchanged.
    private static LinkTable RandomLinks(System.Random random)
    {
        var lists = new List<(int From, int To, int Slot, bool IsSend)>[3];
        for (var rank = 0; rank < lists.Length; rank++)
        {
            lists[rank] = [];
        }

        for (var slot = random.Next(1, 8); slot > 0; slot--)
        {
            var from = random.Next(3);
            var to = (from + random.Next(1, 3)) % 3;
            lists[from].Add((from, to, slot, true));
            lists[to].Add((from, to, slot, false));
        }

        var links = new LinkTable(3);
        for (var rank = 0; rank < lists.Length; rank++)
        {
            var list = lists[rank];
            if (list.Count > 1)
            {
                var (a, b) = (random.Next(list.Count), random.Next(list.Count));
                (list[a], list[b]) = (list[b], list[a]);
            }

            for (var position = 0; position < list.Count; position++)
            {
                links.Add(rank, list[position].From, list[position].To, new LinkStep(position, list[position].Slot, list[position].IsSend));
            }
        }

        return links;
    }

    // Goes every way from a state; a state is how far each rank is, which also says what each link holds.
    private static void Explore(LinkTable links, int capacity, int[] done, int[] held, HashSet<string> ends, HashSet<string> seen)
    {
        if (!seen.Add(string.Join(' ', done)))
        {
            return;
        }

        var isEnd = true;
        for (var rank = 0; rank < links.Ranks; rank++)
        {
            if (done[rank] == links.StepsOf(rank).Length)
            {
                continue;
            }

            var step = links.StepsOf(rank)[done[rank]];
            var (nextDone, nextHeld) = (done.ToArray(), held.ToArray());
            if (capacity == 0)
            {
                var receiver = links.EndsOf(step.Link).To;
                if (!step.IsSend || done[receiver] == links.StepsOf(receiver).Length
                    || links.StepsOf(receiver)[done[receiver]] is var receive && (receive.IsSend || receive.Link != step.Link))
                {
                    continue;
                }

                nextDone[receiver]++;
            }
            else if (step.IsSend ? held[step.Link] < capacity : held[step.Link] > 0)
            {
                nextHeld[step.Link] += step.IsSend ? 1 : -1;
            }
            else
            {
                continue;
            }

            nextDone[rank]++;
            isEnd = false;
            Explore(links, capacity, nextDone, nextHeld, ends, seen);
        }

        if (isEnd)
        {
            ends.Add(string.Join(' ', done));
        }
    }
}

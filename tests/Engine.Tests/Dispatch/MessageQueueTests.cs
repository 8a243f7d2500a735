using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Tests.Dispatch;

public sealed class MessageQueueTests
{
    [Fact]
    public void A_queue_gives_back_in_order_whatever_the_bursts()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bursts =>
        {
            UnboundedMessageQueue queue = new();
            int added = 0, taken = 0;
            bool inOrder = true;
            for (int i = 0; i < bursts.Length; i++)
            {
                for (int n = 0; n < bursts[i]; n++)
                {
                    if (i % 2 == 0)
                    {
                        queue.TryEnqueue(new Envelope(added++, null));
                    }
                    else if (queue.TryDequeue(out Envelope envelope))
                    {
                        inOrder &= (int)envelope.Message == taken++;
                    }
                }
            }

            inOrder &= queue.Count == added - taken && queue.HasMessages == added > taken;
            while (queue.TryDequeue(out Envelope envelope))
            {
                inOrder &= (int)envelope.Message == taken++;
            }

            return inOrder && taken == added && !queue.HasMessages;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Many_producers_lose_nothing_and_keep_their_own_order()
    {
        const int Producers = 4;
        const int Each = 50_000;
        UnboundedMessageQueue queue = new();
        Thread[] threads = new Thread[Producers];
        for (int p = 0; p < Producers; p++)
        {
            int producer = p;
            threads[p] = new Thread(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    queue.TryEnqueue(new Envelope((producer, i), null));
                }
            });
            threads[p].Start();
        }

        int[] next = new int[Producers];
        SpinWait spin = default;
        for (int taken = 0; taken < Producers * Each;)
        {
            if (queue.TryDequeue(out Envelope envelope))
            {
                (int producer, int number) = ((int, int))envelope.Message;
                Assert.Equal(next[producer]++, number);
                taken++;
            }
            else
            {
                spin.SpinOnce();
            }
        }

        Assert.False(queue.HasMessages);
        Array.ForEach(threads, thread => thread.Join());
    }

    [Fact]
    public void A_full_queue_without_patience_refuses_at_once()
    {
        BoundedMessageQueue queue = new(2, TimeSpan.Zero);
        Assert.True(queue.TryEnqueue(new Envelope(1, null)));
        Assert.True(queue.TryEnqueue(new Envelope(2, null)));
        Assert.False(queue.TryEnqueue(new Envelope(3, null)));
        Assert.True(queue.TryDequeue(out _));
        Assert.True(queue.TryEnqueue(new Envelope(4, null)));
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public async Task A_sender_waits_for_room()
    {
        BoundedMessageQueue queue = new(1, Timeout.InfiniteTimeSpan);
        queue.TryEnqueue(new Envelope(1, null));
        Task<bool> waiting = Task.Run(() => queue.TryEnqueue(new Envelope(2, null)));
        Assert.True(queue.TryDequeue(out _));
        Assert.True(await waiting.WaitAsync(Probe.Limit));
    }

    [Fact]
    public async Task A_closed_queue_lets_waiting_senders_go()
    {
        BoundedMessageQueue queue = new(1, Timeout.InfiniteTimeSpan);
        queue.TryEnqueue(new Envelope(1, null));
        Task<bool> waiting = Task.Run(() => queue.TryEnqueue(new Envelope(2, null)));
        queue.Close();
        Assert.False(await waiting.WaitAsync(Probe.Limit));
    }
}

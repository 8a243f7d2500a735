using Actors.Tensors;

namespace Actors.Runtime.Fabric.Devices;

/// <summary>
/// Stage → the stages of its group: my part of an exchange is in my stream, up to this mark. The message orders the host, so that nobody waits for a mark before
/// it was recorded; the mark orders the device. It is made once and sent again in every step, as <see cref="ExchangeMoment"/> is.
/// </summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="Part">Which part.</param>
/// <param name="Rank">Rank in the group.</param>
/// <param name="Mark">Behind it.</param>
internal sealed record PartEnqueued(int Exchange, ExchangePhase Phase, ExchangePart Part, int Rank, StreamMark Mark) : ExchangeMoment(Exchange, Phase);

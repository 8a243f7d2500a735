namespace Actors.Schedules.Checking;

/// <summary>A send or receive in a rank's list, without the computations around it.</summary>
/// <param name="Position">Its position in the rank's whole list.</param>
/// <param name="Slot">What is moved.</param>
/// <param name="IsSend">Whether the rank sends.</param>
/// <param name="Link">The link that it uses.</param>
internal readonly record struct LinkStep(int Position, int Slot, bool IsSend, int Link = -1);

namespace Actors.Schedules.Formulas;

/// <summary>How a formula's value compares with what the timetable really takes.</summary>
public enum FormulaAccuracy
{
    /// <summary>They are equal: a bubble on every rank, activations on the rank that holds most.</summary>
    Exact,

    /// <summary>The timetable takes at least this, on every rank.</summary>
    LowerBound,

    /// <summary>The timetable takes at most this, on every rank.</summary>
    UpperBound,

    /// <summary>The formula is made for other costs or sizes; it may be off either way.</summary>
    Approximate,
}

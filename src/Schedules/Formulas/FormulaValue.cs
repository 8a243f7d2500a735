namespace Actors.Schedules.Formulas;

/// <summary>What a formula gives, and how far it can be trusted.</summary>
/// <param name="Value">The value.</param>
/// <param name="Accuracy">How it compares with what the timetable really takes.</param>
public readonly record struct FormulaValue(double Value, FormulaAccuracy Accuracy);

using System.Linq.Expressions;
using System.Reflection;

namespace Akka.Actor;

/// <summary>Works out the arguments of a constructor call in an expression.</summary>
internal static class ExpressionArguments
{
    public static object?[] Evaluate(NewExpression creation)
    {
        object?[] values = new object?[creation.Arguments.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Evaluate(creation.Arguments[i]);
        }

        return values;
    }

    private static object? Evaluate(Expression expression) => expression switch
    {
        ConstantExpression constant => constant.Value,
        MemberExpression { Member: FieldInfo field, Expression: null } => field.GetValue(null),
        MemberExpression { Member: FieldInfo field, Expression: { } owner } => field.GetValue(Evaluate(owner)), // a captured local
        _ => Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)(),
    };
}

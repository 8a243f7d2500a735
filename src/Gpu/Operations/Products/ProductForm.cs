namespace Actors.Gpu.Operations.Products;

/// <summary>What a product of a linear layer computes.</summary>
internal enum ProductForm
{
    /// <summary>y = x Wᵀ.</summary>
    Forward,

    /// <summary>dx = dy W.</summary>
    BackwardInput,

    /// <summary>dW = dyᵀ x.</summary>
    BackwardWeight,
}

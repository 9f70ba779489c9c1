"""References of the lesson ``orientation``. ``make notebooks`` stamps them into the notebook."""

import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    r"""Approximate the gradient of a scalar function by central differences.

    gradient_i = (f(x + eps e_i) - f(x - eps e_i)) / (2 eps)   for one entry i of x at a time,
    where e_i is 1 at entry i and 0 at all others

    f    function of an array of the shape of x that returns a float and depends on it alone
    x    float64 array with any number of axes, also none; after the call bit for bit as before
    eps  size of the step, in the unit of x
    Returns an array of the shape of x.
    Source: Nocedal and Wright (2006), section 8.1.
    """
    ### BEGIN SOLUTION
    gradient = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + eps
        above = f(x)
        x[i] = kept - eps
        below = f(x)
        x[i] = kept
        gradient[i] = (above - below) / (2 * eps)
    return gradient
    ### END SOLUTION


def relative_error(a, b):
    r"""Say how far two arrays are apart, as a fraction of the larger one's length.

    relative error = ||a - b|| / max(||a||, ||b||)   with ||a|| = sqrt(sum of all a_i^2)

    a, b  float arrays of one shape, with any number of axes, or two floats
    Returns a float: 0.0 where both are zero, NaN where either holds a NaN.
    Raises ValueError where the shapes differ, also where NumPy would broadcast them.
    """
    ### BEGIN SOLUTION
    if np.shape(a) != np.shape(b):
        raise ValueError(f"b has shape {np.shape(b)}; expected {np.shape(a)}, the shape of a")
    distance = np.linalg.norm(np.subtract(a, b))
    larger = np.maximum(np.linalg.norm(a), np.linalg.norm(b))
    return 0.0 if larger == 0 else float(distance / larger)
    ### END SOLUTION

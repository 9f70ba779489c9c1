"""What the prose of each lesson says, and an expression that must be true after its run.

One module a lesson. ``CLAIMS`` holds pairs (words, expression). The words are looked for in the
notebook, so that neither can change without the other. Bounds are loose: the expressions hold on
any CPU.

``ON_OTHER_SEEDS``, where a lesson has it, holds triples (number of the claim that the course takes
from its source, words, expression): what must hold too when the lesson's ``SEED`` is another.
"""

"""Mutation testing: every small change to a reference must cost it marks.

``make mutants`` changes the withheld lines of each reference one place at a time, and judges the
result as an answer: by the visible checks and by hidden ones on fresh inputs. A change that keeps
full marks anywhere shows a gap in the checks, unless ``equivalent.toml`` gives the reason why the
changed answer is as right as the reference.
"""

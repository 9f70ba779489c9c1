"""Files that run on the student's side of the boundary; a sandbox gets copies of them.

They hold nothing that a student may not read.
"""

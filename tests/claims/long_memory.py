"""What the prose of the lesson ``long_memory`` says, and how it is tested."""

CLAIMS = []
ON_OTHER_SEEDS = []

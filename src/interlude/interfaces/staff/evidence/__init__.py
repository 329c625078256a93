"""Studies: what is known, pooled from the rows of the studies, and what rests on it."""

"""How we know that answers are good: cases, runs, measures, comparisons, gates."""

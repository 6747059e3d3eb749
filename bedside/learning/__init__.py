"""Making what the assistant learned: run by hand when the data has grown, never while patients write."""

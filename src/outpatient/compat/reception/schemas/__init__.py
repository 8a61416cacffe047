"""The shapes of seed 000, one file per subject."""

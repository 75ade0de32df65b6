"""The commands of `hkva`, one module for each area."""

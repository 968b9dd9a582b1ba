"""Saved tables to figures, and nothing else."""

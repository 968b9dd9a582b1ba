"""Passages to vectors: each text once, cached by content."""

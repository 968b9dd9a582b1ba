"""Findings, numbers, provenance and the page."""

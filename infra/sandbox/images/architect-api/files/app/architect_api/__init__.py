"""Stands in for the Architect Dashboard API."""

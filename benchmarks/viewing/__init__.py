"""Simulated viewers of the dashboard: what an open page asks, without a browser."""

"""Measures the product as a whole, by its own parts: run by `lvd bench`. See docs/performance.md."""

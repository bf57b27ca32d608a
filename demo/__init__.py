"""Synthetic traffic of a shop with several apps: a producer like any other, for a first look at lvd."""

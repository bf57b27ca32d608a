"""Client processes that cost next to nothing: batches are serialised before the clock starts."""

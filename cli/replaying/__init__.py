"""What `lvd replay` does: rejected events that would be taken now, on their way to the server again."""

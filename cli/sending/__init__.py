"""What `lvd send` does: lines in, batches out, what each line was told."""

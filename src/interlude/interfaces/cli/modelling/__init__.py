"""What `interlude models` prints."""

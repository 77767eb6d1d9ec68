"""What every adapter test may use."""

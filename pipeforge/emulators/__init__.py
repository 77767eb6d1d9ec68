"""Five vendors in a small house of their own, written from the vendors' documents alone: nothing of ours is imported."""

"""Emulators of the five vendors, written from the vendors' documents alone; they import nothing of ours."""

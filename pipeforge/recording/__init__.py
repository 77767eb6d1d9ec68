"""Makes a world for the emulators of what vendors answered: a run that was seen can be played again."""

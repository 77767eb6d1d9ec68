"""Finds what is wrong with a pipeline before it runs, with the exact place and the mend."""

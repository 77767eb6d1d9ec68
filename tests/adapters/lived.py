"""The published way of living a step, by the names that these tests use."""

from pipeforge.contract.lives import DAY, Died, Disk, Seams, Step

__all__ = ["DAY", "Died", "Disk", "Seams", "Step"]

"""`python -m pipeforge`."""

import sys

from pipeforge.cli import main

sys.exit(main())

"""`python -m cbt` is the command `cbt`."""

import sys

from cbt.cli.main import main

sys.exit(main())

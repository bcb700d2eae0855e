"""Starts the portal: `python app.py` is `portal serve`.

The application itself is built by `portal/factory.py`; this file is the door for people who look for one.
"""

import sys

from portal.cli.main import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])

"""What every job does around its work: keep a log, and say a user's mistake in plain words."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from frameshift.errors import UserError

log = logging.getLogger("frameshift")


@contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Log to `path` and to the terminal; a UserError ends the process with its message alone."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.FileHandler(path, mode="w", encoding="utf-8"), logging.StreamHandler(sys.stderr)]
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    except UserError as error:
        log.error("Error: %s", error)
        sys.exit(1)  # the message is the whole story: a traceback would bury it
    except Exception:
        log.exception("Unexpected error; please report it with this log, %s", path)
        sys.exit(1)
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()

"""The one exception whose message is written for the person who runs the workflow."""


class UserError(Exception):
    """Something the user can put right; the message names the file, row or key, the value, and the remedy."""

"""Fetching a corpus: verified against stated digests, and in place whole or not at all."""

import time
from collections.abc import Iterator, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from frameshift.corpus.files import damage_reported, list_members
from frameshift.errors import UserError
from frameshift.tables import write_whole

_TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte


def fetch(
    url: str,
    destination: str | Path,
    *,
    sha256: Mapping[str, str],
    place: str,
    attempts: int = 3,
    pause: float = 2.0,
) -> None:
    """Download `url` to `destination`, verify it, and move it into place; other content never gets there.

    `sha256` gives the digests that must match: by the destination's own name, or by the end of the path of a file
    inside the archive. Hosts pack archives anew, in a folder whose name changes, so that an archive's own digest need
    not last while those of its files do. `place` is where the user would put the file by hand (corpus.path). What may
    pass (no connection, a broken one, a busy server) is tried `attempts` times, waiting `pause`, 2 × `pause`, …
    seconds; the whole transfer is repeated, because a body that breaks off is as common as a refused connection.

    Raises UserError with the URL, the reason and what to do instead.
    """
    destination = Path(destination)
    remedy = f"Or fetch {url} yourself and put it at {place} (corpus.path); nothing is downloaded then."

    def download(temporary: Path) -> None:
        _download(url, temporary, attempts=attempts, pause=pause, remedy=remedy)
        _verify(temporary, destination.name, sha256, url=url, remedy=remedy)

    write_whole(destination, download)


def _download(url: str, temporary: Path, *, attempts: int, pause: float, remedy: str) -> None:
    import requests

    for attempt in range(attempts):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        try:
            with requests.get(url, stream=True, timeout=_TIMEOUT) as response:
                response.raise_for_status()
                with temporary.open("wb") as file:
                    for chunk in response.iter_content(1 << 20):
                        file.write(chunk)
            return
        except requests.RequestException as error:
            reason = error
            status = getattr(error.response, "status_code", None)
            if status is not None and status < 500 and status != 429:  # asking again will not help
                break
    raise UserError(f"{url} could not be downloaded ({reason}). Check corpus.download.url and the connection. {remedy}")


def _verify(file: Path, name: str, sha256: Mapping[str, str], *, url: str, remedy: str) -> None:
    try:
        digests = list(_list_digests(file, name, sha256))
    except UserError as error:  # it names the temporary file
        raise UserError(f"{url} is a damaged archive, or was cut off: nothing was kept. {remedy}") from error
    for key, digest in digests:
        if digest != sha256[key].lower():
            raise UserError(
                f"{url}: {key} has sha256 {digest}, not {sha256[key]} as corpus.download.sha256 says. The file at this "
                f"address has changed or was damaged on its way: nothing was kept. {remedy}"
            )
    if missing := [key for key in sha256 if key not in dict(digests)]:
        raise UserError(
            f"{url}: nothing in it is called {', '.join(missing)}, which corpus.download.sha256 names: nothing was "
            f"kept. Name {name} itself or a file inside the archive. {remedy}"
        )


def _list_digests(file: Path, name: str, sha256: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(key of `sha256`, digest found) for the file itself and the files within it that are named."""
    if name in sha256:
        with file.open("rb") as stream:
            yield name, _digest(stream)
    inside = [key for key in sha256 if key != name]
    if not inside:
        return
    for member, open_member in list_members(file):
        for key in inside:
            if f"/{member}".endswith(f"/{key.lstrip('/')}"):
                with damage_reported(file), open_member() as stream:
                    yield key, _digest(stream)


def _digest(stream: BinaryIO) -> str:
    return file_digest(stream, "sha256").hexdigest()
